#!/usr/bin/env bash
# Every test. --browser: only those in a real browser. --rust: only the others.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
cd "$WABOTIQ_ROOT"
only="${1:-}"

scripts/setup.sh --tests
use_toolchain || die "The tools are missing." "Run 'make setup' first."

if [ "$only" != "--rust" ]; then
  scripts/build.sh
  say "Tests in a real browser"
  (cd end2end && npx --no-install playwright test)
fi
if [ "$only" != "--browser" ]; then
  say "Starting PostgreSQL for the tests"
  scripts/test-postgres.sh start
  trap 'scripts/test-postgres.sh stop' EXIT
  eval "$(scripts/test-postgres.sh env)"
  export WABOTIQ_TEST_PG
  say "Tests on SQLite and PostgreSQL"
  profile="${NEXTEST_PROFILE:-default}"
  cargo nextest run --workspace --exclude frontend --profile "$profile"
  # What the registers name has to be among the tests of this very run. Silent when it is: the summary stays last.
  cargo run --quiet --package plan --bin registers -- "target/nextest/$profile/junit.xml" docs/advisories.toml docs/weaknesses.toml docs/asvs.toml
fi
