#!/usr/bin/env bash
# Measures the webhook of the release build against a durable SQLite on this disk (about three minutes after the build).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
cd "$WABOTIQ_ROOT"
scripts/setup.sh
scripts/build.sh
use_toolchain
export RUSTFLAGS="${RUSTFLAGS:-} --cfg erase_components"
cargo build --quiet --release --package server --example webhook_bench
target/release/examples/webhook_bench target/release/wabotiq
