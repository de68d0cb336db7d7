#!/usr/bin/env bash
# Changes the rules that money and trust hang on, one small change after the other in a copy of the tree, and looks whether a test
# fails: approvals (crates/domain), proofs (crates/authz) and Twilio's signatures (crates/crypto). Takes hours.
# Usage: scripts/mutants.sh [FILE…]   (files in place of all of them: only shown, docs/mutants.md stays as it is)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
cd "$WABOTIQ_ROOT"

scripts/setup.sh --tests --mutants
use_toolchain || die "The tools are missing." "Run 'make setup' first."
mutants="$WABOTIQ_TOOLS/cargo-mutants-$CARGO_MUTANTS_VERSION/bin/cargo-mutants"

files=("crates/domain/src/approvals.rs" "crates/domain/src/approvals/*.rs" "crates/authz/src/*.rs" "crates/crypto/src/twilio/*.rs")
[ $# -gt 0 ] && files=("$@")
chosen=()
for file in "${files[@]}"; do chosen+=(--file "$file"); done

out="$WABOTIQ_ROOT/target/mutants"
mkdir -p "$out"
say "Changing ${files[*]}"
status=0
# 2: some survived; 3: some took too long. Anything else that is not 0 is a fault.
"$mutants" mutants "${chosen[@]}" --test-tool nextest --baseline run --output "$out" --no-shuffle || status=$?
case "$status" in 0 | 2 | 3) ;; *) die "The run failed." "What it said stands above, and in $out/mutants.out." ;; esac

found="$out/mutants.out"
count() { grep -c . "$found/$1.txt" || true; }
[ $# -gt 0 ] && exit "$status"

# A survivor is told by what was changed and where, without line and column: they move.
plain() { sed -E 's/:[0-9]+:[0-9]+: /: /' "$1"; }
report="docs/mutants.md"
reasons="$(mktemp)"
trap 'rm -f "$reasons"' EXIT
[ -f "$report" ] && grep -E '^\| `' "$report" >"$reasons" || true
open=0
{
  printf '# Mutants\n\nWritten by `make mutants`, with cargo-mutants %s: each is one small change of the code that some test has to notice.\n' "$CARGO_MUTANTS_VERSION"
  printf 'A reason is kept from run to run; write it in place of the dash.\n\n'
  printf '| Caught | Survived | Too slow | Does not build |\n|---|---|---|---|\n| %s | %s | %s | %s |\n\n' \
    "$(count caught)" "$(count missed)" "$(count timeout)" "$(count unviable)"
  printf '| Survivor | Why it may |\n|---|---|\n'
  while IFS= read -r survivor; do
    line="$(grep -F "| \`$survivor\` |" "$reasons" | head -n 1 || true)"
    printf '%s\n' "${line:-| \`$survivor\` | – |}"
  done < <(plain "$found/missed.txt" | sort -u)
} >"$report.new"
mv "$report.new" "$report"
open="$(grep -cE '^\| `.*\| – \|$' "$report" || true)"
say "$(count caught) caught, $(count missed) survived, $open of them without a reason: $report"
[ "$open" = 0 ] || die "Some mutants survived without a reason." "Write the test that catches each, or the reason why none can, in $report."
