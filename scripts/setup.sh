#!/usr/bin/env bash
# Installs what building, running and testing WabotIQ needs. Idempotent; a second run takes about a second.
# Usage: scripts/setup.sh [--tests] [--mutants]
# (--tests also installs the browser and the PostgreSQL server; --mutants only the tool that `make mutants` needs)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
cd "$WABOTIQ_ROOT"

with_tests=no
with_mutants=no
for argument in "$@"; do
  case "$argument" in
    --tests) with_tests=yes ;;
    --mutants) with_mutants=yes ;;
    *) die "scripts/setup.sh does not know $argument." "It takes --tests and --mutants." ;;
  esac
done

# --- the distribution's packages ------------------------------------------------------------
may_be_root() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }
as_root() {
  may_be_root || die "This step needs root: $*" "Run it yourself (for example with sudo), then start again."
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt_updated=no
apt_install() {
  command -v apt-get >/dev/null || die "Missing: $*" \
    "This machine has no apt-get. Install these with your own package manager, then start again."
  may_be_root || die "Missing: $*" \
    "Installing them needs root. Run 'apt-get update && apt-get install -y --no-install-recommends $*' as root, then start again."
  if [ "$apt_updated" = no ]; then
    as_root apt-get update -qq || die "The package lists could not be fetched." "Is there a network? Check it, then start again."
    apt_updated=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    die "Could not install: $*" "Is there a network? 'apt-get install $*' shows the reason."
}

command -v cc >/dev/null || { say "Installing a C compiler"; apt_install gcc libc6-dev; }
command -v git >/dev/null || { say "Installing git"; apt_install git; }
command -v curl >/dev/null || { say "Installing curl"; apt_install curl; }

# --- node -----------------------------------------------------------------------------------
command -v node >/dev/null && command -v npm >/dev/null || die "Node.js is not installed (20 or newer is needed)." \
  "Install it (Debian: apt-get install nodejs npm; or from nodejs.org), then start again."
node_major="$(node --version | sed 's/^v\([0-9]*\).*/\1/')"
[ "$node_major" -ge 20 ] || die "Node.js $(node --version) is too old: 20 or newer is needed." "Install a newer Node.js, then start again."

# --- rust and WebAssembly -------------------------------------------------------------------
command -v cargo >/dev/null || [ -x /usr/bin/cargo ] || die "Rust is not installed." \
  "Install it from rustup.rs, then start again."

install_debian_toolchain() {
  say "Installing the distribution's Rust (rustc-web) beside yours: its WebAssembly target is built once, about a minute"
  apt_install rustc-web cargo-web rust-web-src rust-web-clippy lld-22
  local libraries=/usr/lib/rustlib/wasm32-unknown-unknown/lib
  if ! compgen -G "$libraries/libstd-*.rlib" >/dev/null; then
    local scratch
    scratch="$(mktemp -d)"
    mkdir -p "$scratch/src"
    printf '[package]\nname = "seed"\nversion = "0.0.0"\nedition = "2024"\n[lib]\ncrate-type = ["cdylib"]\n[profile.release]\npanic = "abort"\n' >"$scratch/Cargo.toml"
    : >"$scratch/src/lib.rs"
    as_root mkdir -p /usr/lib/rustlib/x86_64-unknown-linux-gnu/bin "$libraries"
    as_root ln -sf /usr/lib/llvm-22/bin/lld /usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld
    (cd "$scratch" && RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc CARGO_TARGET_DIR="$scratch/target" PATH="/usr/bin:$PATH" \
      /usr/bin/cargo build --release -Z build-std=std,panic_abort --target wasm32-unknown-unknown >"$scratch/log" 2>&1) || true
    compgen -G "$scratch/target/wasm32-unknown-unknown/release/deps/libstd-*.rlib" >/dev/null ||
      die "Rust's standard library could not be built for WebAssembly." "The log is $scratch/log"
    as_root cp "$scratch"/target/wasm32-unknown-unknown/release/deps/*.rlib "$libraries/"
    rm -rf "$scratch"
  fi
}

if ! use_toolchain; then
  have="$(rustc --version 2>/dev/null | cut -d' ' -f2 || true)"
  if command -v rustup >/dev/null && version_at_least "${have:-0}" "$WABOTIQ_RUST_MINIMUM"; then
    say "Adding Rust's WebAssembly target"
    rustup target add wasm32-unknown-unknown >/dev/null 2>&1 || true
  fi
  if ! use_toolchain; then
    if command -v apt-get >/dev/null; then
      install_debian_toolchain
    elif ! version_at_least "${have:-0}" "$WABOTIQ_RUST_MINIMUM"; then
      die "Rust ${have:-(none)} is too old: $WABOTIQ_RUST_MINIMUM or newer is needed." "Run 'rustup update stable', then start again."
    fi
    use_toolchain || die "Rust cannot build WebAssembly here." "Run 'rustup target add wasm32-unknown-unknown', then start again."
  fi
fi

# --- pinned cargo tools ---------------------------------------------------------------------
# cargo_tool NAME BINARY VERSION [cargo install flags]
cargo_tool() {
  local name="$1" binary="$2" version="$3" root
  shift 3
  root="$WABOTIQ_TOOLS/${TOOL_FOLDER:-$name}-$version"
  [ -x "$root/bin/$binary" ] && return
  say "Building $name $version (once; kept in $root)"
  mkdir -p "$WABOTIQ_TOOLS"
  CARGO_TARGET_DIR="$WABOTIQ_TOOLS/build" CARGO_PROFILE_DEV_DEBUG=0 \
    cargo install "$name" --version "$version" --root "$root" --debug --quiet "$@" ||
    die "$name $version could not be installed." "Is there a network? The lines above say what failed."
}

# --- node packages (in parallel with the tools) ----------------------------------------------
npm_stamp=node_modules/.wabotiq-lock
npm_job=""
if [ ! -f "$npm_stamp" ] || ! cmp -s package-lock.json "$npm_stamp"; then
  say "Installing the npm packages"
  # `npm install` and not `npm ci`: it keeps to the lock file, and does not fail where a registry lacks
  # another platform's optional binary.
  (npm install --no-audit --no-fund --loglevel=error >/dev/null && cp package-lock.json "$npm_stamp") &
  npm_job=$!
fi

TOOL_FOLDER=wasm-bindgen cargo_tool wasm-bindgen-cli wasm-bindgen "$WASM_BINDGEN_VERSION"
cargo_tool cargo-leptos cargo-leptos "$CARGO_LEPTOS_VERSION" --locked --features no_downloads
if [ "$with_tests" = yes ] && ! cargo nextest --version 2>/dev/null | grep -q "cargo-nextest"; then
  cargo_tool cargo-nextest cargo-nextest "$CARGO_NEXTEST_VERSION" --locked
fi
if [ "$with_mutants" = yes ]; then
  cargo_tool cargo-mutants cargo-mutants "$CARGO_MUTANTS_VERSION" --locked
fi
rm -rf "$WABOTIQ_TOOLS/build"

if [ -n "$npm_job" ]; then
  wait "$npm_job" || die "The npm packages could not be installed." "Is there a network? 'npm install' shows the reason."
fi

# --- what only the tests need ---------------------------------------------------------------
if [ "$with_tests" = yes ]; then
  command -v chromium >/dev/null || { say "Installing Chromium for the browser tests"; apt_install chromium fonts-liberation; }
  compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || { say "Installing the PostgreSQL server for the tests"; apt_install postgresql; }
fi
