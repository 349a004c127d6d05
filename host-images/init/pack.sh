#!/bin/bash
# Compiles PID 1 and packs the initramfs: /init, and /modules for a kernel that has some. usage: pack.sh KERNEL_FOLDER
# The same input gives the same bytes: owners, times and inode numbers are fixed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
kernel=${1:-}
init_dir=$images_dir/init
target=$dist_dir/guest/initramfs.cpio

main() {
  local key
  for program in make gcc musl-gcc cpio; do need $program "$program (musl-tools for musl-gcc)"; done
  key=$({ musl-gcc --version | head -1; echo "$kernel"; } | key_of "$init_dir"/*.[ch] "$init_dir"/{Makefile,pack.sh})
  if [ -e "$target" ] && [ "$(cat "$dist_dir/guest/.initramfs.key" 2>/dev/null)" = "$key" ]; then
    say "  up to date"
    return
  fi
  say "  compiling PID 1"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/root"
  make --silent --directory="$init_dir" OUT="$work/objects" --jobs="$(nproc)"
  cp "$work/objects/init" "$work/root/init"
  if [ -n "$kernel" ] && [ -d "$kernel/modules" ]; then cp -r "$kernel/modules" "$work/root/modules"; fi
  chmod -R u=rwX,go=rX "$work/root"
  chmod 755 "$work/root/init"
  find "$work/root" -exec touch --no-dereference --date=@0 {} +
  say "  packing"
  (cd "$work/root" && find . -mindepth 1 | LC_ALL=C sort | cpio --create --format=newc --owner=0:0 --reproducible --quiet) \
    >"$work/initramfs.cpio"
  place "$work/initramfs.cpio" "$target"
  echo "$key" >"$dist_dir/guest/.initramfs.key"
}

main
