#!/usr/bin/env bash
# Everything from a fresh checkout to a served page: set-up, build, demo, server.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
cd "$WABOTIQ_ROOT"

# What would fail after a long build is asked first.
address="${WABOTIQ_ADDR:-127.0.0.1:3000}"
data="${WABOTIQ_DATA:-data}"
if (exec 3<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null; then
  die "Something is already listening on $address." "Stop it, or choose another address: WABOTIQ_ADDR=127.0.0.1:3100 make run"
fi
mkdir -p "$data" 2>/dev/null && [ -w "$data" ] || die "The folder '$data' can't be written." \
  "Give yourself the right to write there, or choose another: WABOTIQ_DATA=/some/folder make run"

scripts/setup.sh
scripts/build.sh
say "Starting WabotIQ"
export WABOTIQ_DEMO="${WABOTIQ_DEMO:-true}"
exec target/release/wabotiq serve
