#!/bin/bash
# Takes Debian's cloud kernel in place of one built from source, and prints the folder that holds it as its last line:
# vmlinuz, release, and modules/ with those that a guest needs and a file `order`, in which PID 1 loads them.
# The package is unpacked, not installed: nothing on this machine changes.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

# What the built kernel has inside. What they depend on comes along.
wanted=(virtio_pci virtio_console virtio_blk virtio_net virtio_mem virtio_balloon virtio_rng pvpanic_pci squashfs erofs
  overlay fuse tun veth loop nd_pmem virtio_pmem)

# module_file NAME: its path; names say _ where files may say -
module_file() { find "$tree" -name "${1//_/[-_]}.ko*" -print -quit; }

# add_module NAME: puts a module behind those that it depends on
add_module() {
  local file dependency
  file=$(module_file "$1")
  [ -n "$file" ] || return 0 # built into this kernel
  [ ! -e "$work/result/modules/$1.ko" ] || return 0
  case $file in
    *.ko.xz) xz --decompress --stdout "$file" >"$work/$1.ko" ;;
    *.ko.zst) zstd --decompress --quiet --stdout "$file" >"$work/$1.ko" ;;
    *) cp "$file" "$work/$1.ko" ;;
  esac
  for dependency in $(objcopy -O binary -j .modinfo "$work/$1.ko" /dev/stdout | tr '\0' '\n' |
    sed -n 's/^depends=//p' | tr ',' ' '); do
    add_module "$dependency"
  done
  strip --strip-debug -o "$work/result/modules/$1.ko" "$work/$1.ko"
  echo "$1.ko" >>"$work/result/modules/order"
}

fetch() {
  local target=$1 package=$2 release name
  [ -e "$target/release" ] && return
  say "  taking $package"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  chmod 755 "$work"
  (cd "$work" && apt-get download --quiet=2 "$package" 2>/dev/null) || fail "$package cannot be downloaded"
  dpkg-deb --extract "$work"/*.deb "$work/package"
  tree=$work/package
  release=$(basename "$work"/package/boot/vmlinuz-* | sed 's/^vmlinuz-//')
  mkdir -p "$work/result/modules"
  cp "$work/package/boot/vmlinuz-$release" "$work/result/vmlinuz"
  for name in "${wanted[@]}"; do add_module "$name"; done
  echo "$release" >"$work/result/release"
  rm -rf "$target"
  cp -r "$work/result" "$target.new"
  mv "$target.new" "$target"
}

main() {
  local package key target
  for program in apt-get dpkg-deb objcopy; do need $program "$program (objcopy: binutils)"; done
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
  [ -n "$package" ] || fail "neither a package linux-source nor linux-image-cloud-amd64 is to be had here"
  key=$(apt-cache policy "$package" | key_of "$images_dir/kernel/cloud.sh")
  target=$cache_dir/kernel-cloud-$key
  if [ -e "$target/release" ]; then
    say "  kernel: in the cache, $(cat "$target/release")" >&2
  else
    locked "kernel-cloud-$key" fetch "$target" "$package" >&2
  fi
  say "$target"
}

main
