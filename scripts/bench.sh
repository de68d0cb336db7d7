#!/usr/bin/env bash
# Measures the webhook of the release build against a durable SQLite (about four minutes after the build): on this disk,
# and on this disk with every sync made 3.5 ms longer, as long as an ordinary disk takes (SLOW_SYNC_US to choose).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
cd "$WABOTIQ_ROOT"
scripts/setup.sh
scripts/build.sh
use_toolchain
export RUSTFLAGS="${RUSTFLAGS:-} --cfg erase_components"
cargo build --quiet --release --package server --example webhook_bench
say "On this disk"
target/release/examples/webhook_bench target/release/wabotiq
say "With every sync ${SLOW_SYNC_US:=3500} µs longer"
cc -shared -fPIC -O1 -o target/slow_sync.so scripts/slow_sync.c -ldl
export SLOW_SYNC_US
LD_PRELOAD="$PWD/target/slow_sync.so" target/release/examples/webhook_bench target/release/wabotiq
