#!/usr/bin/env bash
# Takes one defence away after the other, in a copy of the tree, and demands that its test turns red (docs/sabotages.toml).
# Takes an hour or two. Usage: scripts/sabotage.sh [--folder FOLDER] [--target FOLDER] [NAME…]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
cd "$WABOTIQ_ROOT"

scripts/setup.sh --tests
use_toolchain || die "The tools are missing." "Run 'make setup' first."

say "Starting PostgreSQL for the tests"
scripts/test-postgres.sh start
trap 'scripts/test-postgres.sh stop' EXIT
eval "$(scripts/test-postgres.sh env)"
export WABOTIQ_TEST_PG
say "Taking defences away"
cargo run --quiet --package plan --bin sabotage -- "$@"
