#!/usr/bin/env bash
# Formatting, clippy with warnings denied (server half and browser half), and the floor plan.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
cd "$WABOTIQ_ROOT"
scripts/setup.sh --tests
use_toolchain || die "The tools are missing." "Run 'make setup' first."

say "Formatting"
cargo fmt --all --check || die "Some files are not formatted." "Run 'make fmt'."
say "Clippy, the server's half"
cargo clippy --quiet --workspace --exclude frontend --all-targets -- -D warnings
say "Clippy, the browser's half"
cargo clippy --quiet --package frontend --target wasm32-unknown-unknown -- -D warnings
say "The floor plan"
cargo nextest run --package plan
