# shellcheck shell=bash
# What every script of this project agrees on: versions, folders, PATH. Sourced, never run.

readonly WABOTIQ_RUST_MINIMUM="1.96"
readonly CARGO_LEPTOS_VERSION="0.3.11"
readonly WASM_BINDGEN_VERSION="0.2.130"
readonly CARGO_NEXTEST_VERSION="0.9.143"
readonly CARGO_MUTANTS_VERSION="27.1.0"
readonly WABOTIQ_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# Tools survive a clean clone: they live in the user's cache, keyed by version.
readonly WABOTIQ_TOOLS="${WABOTIQ_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/wabotiq/tools}"

say() { printf '\033[1m▸ %s\033[0m\n' "$*"; }
note() { printf '  %s\n' "$*"; }
die() {
  printf '\033[31m✗ %s\033[0m\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# version_at_least HAVE WANT
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# rust_ready CARGO: that cargo's compiler is new enough and can build WebAssembly.
rust_ready() {
  local rustc version sysroot
  rustc="$(dirname "$1")/rustc"
  [ -x "$rustc" ] && [ -x "$1" ] || return 1
  version="$("$rustc" --version 2>/dev/null | cut -d' ' -f2)" || return 1
  version_at_least "$version" "$WABOTIQ_RUST_MINIMUM" || return 1
  sysroot="$("$rustc" --print sysroot 2>/dev/null)" || return 1
  compgen -G "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib" >/dev/null
}

# Puts the chosen compiler, the pinned tools and node's tools on PATH.
use_toolchain() {
  local rustup_cargo
  rustup_cargo="$(command -v cargo || true)"
  local front="$WABOTIQ_ROOT/node_modules/.bin:$WABOTIQ_TOOLS/cargo-leptos-$CARGO_LEPTOS_VERSION/bin:$WABOTIQ_TOOLS/wasm-bindgen-$WASM_BINDGEN_VERSION/bin:$WABOTIQ_TOOLS/cargo-nextest-$CARGO_NEXTEST_VERSION/bin"
  if [ -n "$rustup_cargo" ] && rust_ready "$rustup_cargo"; then
    PATH="$front:$PATH"
  elif rust_ready /usr/bin/cargo; then
    PATH="$front:/usr/bin:$PATH"
  else
    return 1
  fi
  export PATH
}
