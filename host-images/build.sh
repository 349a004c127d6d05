#!/bin/bash
# Builds what a guest consists of. usage: host-images/build.sh [kernel|initramfs|jailer|file-server|code-trimmer|demo|all]
#   dist/guest/vmlinux, initramfs.cpio, manifest.json   what every sandbox boots
#   dist/guest/jailer                                   what makes the jail of its QEMU
#   dist/guest/file-server                              what gives it folders of the host
#   dist/guest/code-trimmer                             what an emulating QEMU loads to give memory back
#   dist/images/demo.tar                                the demo image, an OCI archive
# What is up to date is left alone. PACIFIC_CACHE (/var/cache/pacific) keeps the kernel; PACIFIC_KERNEL=cloud takes
# Debian's cloud kernel instead of building one; PACIFIC_DIST (dist) is where the results go.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build_kernel() {
  say "guest kernel:"
  local folder
  folder=$("$images_dir/kernel/build.sh" | tail -1)
  [ -e "$folder/release" ] || fail "the guest kernel was not built"
  mkdir -p "$dist_dir/guest"
  if [ "$(readlink "$dist_dir/guest/.kernel" 2>/dev/null)" = "$folder" ] && [ -e "$dist_dir/guest/manifest.json" ]; then
    say "  up to date"
    return
  fi
  place "$(ls "$folder"/vmlinu[xz])" "$dist_dir/guest/vmlinux"
  ln -sfn "$folder" "$dist_dir/guest/.kernel"
  write_manifest
}

build_initramfs() {
  say "initramfs:"
  "$images_dir/init/pack.sh" "$(readlink "$dist_dir/guest/.kernel" || true)"
  write_manifest
}

# build_program NAME: compiles a program of the host from host-images/NAME: the same bytes from the same input.
build_program() {
  local source=$images_dir/$1 target=$dist_dir/guest/$1 key_file=$dist_dir/guest/.$1.key key work program
  say "$1:"
  for program in make gcc musl-gcc; do need $program "$program (musl-tools for musl-gcc)"; done
  key=$(musl-gcc --version | head -1 | key_of "$source"/* "$images_dir"/host-program/*)
  if [ -e "$target" ] && [ "$(cat "$key_file" 2>/dev/null)" = "$key" ]; then
    say "  up to date"
    return
  fi
  say "  compiling"
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$work'" EXIT
  make --silent --directory="$source" OUT="$work" --jobs="$(nproc)"
  place "$work/$1" "$target"
  rm -rf "$work"
  echo "$key" >"$key_file"
  write_manifest
}

# The manifest tells a host what it boots; it is written anew whenever all parts are there.
write_manifest() {
  local guest=$dist_dir/guest part
  for part in vmlinux initramfs.cpio jailer file-server code-trimmer; do [ -e "$guest/$part" ] || return 0; done
  cat >"$guest/manifest.json.new.$$" <<END
{
  "protocolVersion": 1,
  "kernel": {
    "file": "vmlinux",
    "release": "$(cat "$guest/.kernel/release")",
    "sha256": "$(sha256_of "$guest/vmlinux")"
  },
  "initramfs": {
    "file": "initramfs.cpio",
    "sha256": "$(sha256_of "$guest/initramfs.cpio")"
  },
  "jailer": {
    "file": "jailer",
    "sha256": "$(sha256_of "$guest/jailer")"
  },
  "fileServer": {
    "file": "file-server",
    "sha256": "$(sha256_of "$guest/file-server")"
  },
  "codeTrimmer": {
    "file": "code-trimmer",
    "sha256": "$(sha256_of "$guest/code-trimmer")"
  },
  "kernelArguments": "$(cat "$images_dir/kernel/arguments")"
}
END
  mv "$guest/manifest.json.new.$$" "$guest/manifest.json"
}

case ${1:-all} in
  kernel) build_kernel ;;
  initramfs) build_initramfs ;;
  jailer | file-server | code-trimmer) build_program "$1" ;;
  demo) "$images_dir/demo/build.sh" ;;
  all)
    build_kernel
    build_initramfs
    build_program jailer
    build_program file-server
    build_program code-trimmer
    "$images_dir/demo/build.sh"
    ;;
  *)
    say "usage: host-images/build.sh [kernel|initramfs|jailer|file-server|code-trimmer|demo|all]" >&2
    exit 2
    ;;
esac
