#!/bin/bash
# Compiles the jailer into dist/guest/jailer: static, and the same bytes from the same input.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
jailer_dir=$images_dir/jailer
target=$dist_dir/guest/jailer

main() {
  local key
  for program in make gcc musl-gcc; do need $program "$program (musl-tools for musl-gcc)"; done
  key=$(musl-gcc --version | head -1 | key_of "$jailer_dir"/*.[ch] "$jailer_dir"/{Makefile,build.sh})
  if [ -e "$target" ] && [ "$(cat "$dist_dir/guest/.jailer.key" 2>/dev/null)" = "$key" ]; then
    say "  up to date"
    return
  fi
  say "  compiling"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  make --silent --directory="$jailer_dir" OUT="$work" --jobs="$(nproc)"
  place "$work/jailer" "$target"
  echo "$key" >"$dist_dir/guest/.jailer.key"
}

main
