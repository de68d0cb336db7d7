#!/usr/bin/env bash
# Builds the release: the server, the browser's half, the styles; compressed and with hashes in their names.
# Does nothing when no source is newer than the last build.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
cd "$WABOTIQ_ROOT"
use_toolchain || die "The tools are missing." "Run 'make setup' first."

stamp=target/.wabotiq-built
sources=(Cargo.toml Cargo.lock Leptos.toml package-lock.json app frontend server style public migrations crates)
if [ -f "$stamp" ] && [ -x target/release/wabotiq ] && [ -d target/site/pkg ] &&
  [ -z "$(find "${sources[@]}" -type f -newer "$stamp" -print -quit)" ]; then
  exit 0
fi
say "Building WabotIQ (the first time takes 10 to 20 minutes on two cores; later builds are shorter)"
started=$(date +%s)
mkdir -p target
touch "$stamp.begun"
rm -rf target/site
# Views without their full types: a third of the download, and a shorter build. Both halves must agree.
export RUSTFLAGS="${RUSTFLAGS:-} --cfg erase_components"
cargo leptos build --release --precompress --split || die "The build failed." "The lines above say where."
mv "$stamp.begun" "$stamp"
note "built in $(($(date +%s) - started)) s"
