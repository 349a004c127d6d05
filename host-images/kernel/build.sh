#!/bin/bash
# Builds the guest kernel, or takes it from the cache, and prints the folder that holds it as its last line:
#   vmlinux (or vmlinuz), release (uname -r), config, System.map, and for Debian's cloud kernel modules/.
# PACIFIC_KERNEL=cloud takes Debian's cloud kernel instead of building one; so does a machine without kernel source.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
kernel_dir=$images_dir/kernel

newest_source() {
  { ls -d /usr/src/linux-source-*.tar.{xz,bz2,zst,gz} 2>/dev/null || true; } | sort -V | tail -1
}

# The Debian package that the tarball came from, with its version: part of the cache's key.
source_version() {
  local package
  package=$(dpkg-query -S "$(readlink -f "$1")" 2>/dev/null | head -1 | cut -d: -f1)
  if [ -n "$package" ]; then dpkg-query -W -f '${Package} ${Version}\n' "$package"; else sha256_of "$1"; fi
}

extract_source() {
  local tarball=$1 folder=$2
  local other=(alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc parisc powerpc riscv
    s390 sh sparc um xtensa)
  [ -e "$folder/.extracted" ] && return
  say "  unpacking $(basename "$tarball")"
  rm -rf "$folder"
  mkdir -p "$folder"
  # Other machines' code is left out (their Kconfig files stay): it is most of the source.
  tar -xf "$tarball" -C "$folder" --strip-components=1 \
    --exclude='*/drivers/gpu/*.[ch]' --exclude='*/sound/*.[ch]' --exclude='*/tools/testing/*' \
    --exclude='*/boot/dts/*' $(printf -- '--exclude=*/arch/%s/*.[chS] ' "${other[@]}")
  local patch
  for patch in "$kernel_dir"/patches/*.patch; do
    [ -e "$patch" ] || continue
    # They make boots faster and guests smaller; a kernel that has changed there does without.
    if ! patch --directory="$folder" -p1 --forward --dry-run --quiet <"$patch" >/dev/null; then
      say "  $(basename "$patch") does not fit this kernel: left out"
      continue
    fi
    patch --directory="$folder" -p1 --forward --quiet <"$patch"
  done
  touch "$folder/.extracted"
}

# Without these a guest does not boot or cannot run a container; a kernel that lacks one is not built.
required='PVH|ACPI|SERIAL_8250_CONSOLE|PVPANIC_PCI|VIRTIO_(PCI|BLK|NET|CONSOLE)|VMGENID|HOTPLUG_PCI_ACPI|BLK_DEV_INITRD|
DEVTMPFS|PROC_FS|SYSFS|TMPFS|SQUASHFS|SQUASHFS_Z(LIB|STD)|EROFS_FS|OVERLAY_FS|UNIX98_PTYS|NET|INET|UNIX|FUTEX|EPOLL|
SIGNALFD|(UTS|IPC|PID|NET)_NS|CGROUPS|MEMCG|CGROUP_(SCHED|PIDS|BPF)|CFS_BANDWIDTH|SECCOMP_FILTER|POSIX_MQUEUE|MULTIUSER'

# Compares the configuration with the fragment. Other versions know other options: what they lack is merely told.
check_config() {
  local config=$1 line name lacking=0
  while read -r line; do
    case $line in CONFIG_*) ;; *) continue ;; esac
    name=${line%%=*}
    case $line in
      *=n) ! grep -q "^$name=" "$config" && continue ;;
      *) grep -qxF -- "$line" "$config" && continue ;;
    esac
    if grep -qE "^(${required//[$'\n']/})$" <<<"${name#CONFIG_}"; then
      say "  this kernel cannot be built with $line, which a guest must have" >&2
      lacking=1
    else
      say "  note: $line is not to be had from this kernel"
    fi
  done <"$kernel_dir/crx.config"
  [ $lacking = 0 ] || fail "this kernel source does not make a guest; PACIFIC_KERNEL=cloud takes Debian's cloud kernel"
}

run_make() {
  make -C "$1/source" O="$1/objects" ARCH=x86_64 LOCALVERSION= \
    KBUILD_BUILD_USER=pacific KBUILD_BUILD_HOST=pacific KBUILD_BUILD_TIMESTAMP='1970-01-01 00:00:00 +0000' "${@:2}"
}

compile() {
  local work=$1 terminal=0 log=$1/build.log
  [ -t 2 ] && terminal=1
  run_make "$work" --jobs="$(nproc)" vmlinux 2>&1 |
    awk -v terminal=$terminal -v logfile="$log" -f "$kernel_dir/progress.awk" || {
    grep -E 'error|Error' "$log" | head -20 >&2
    fail "the kernel did not compile; its log is $log"
  }
}

build_from_source() {
  local tarball=$1 target=$2 work=$2.build
  [ -e "$target/release" ] && return
  for program in make gcc flex bison bc perl patch; do need $program "$program"; done
  say "  building the guest kernel (several minutes, once; kept in $target)"
  mkdir -p "$work/objects"
  extract_source "$tarball" "$work/source"
  run_make "$work" --silent KCONFIG_ALLCONFIG="$kernel_dir/crx.config" allnoconfig >/dev/null
  check_config "$work/objects/.config"
  compile "$work"
  mkdir -p "$work/result"
  strip --strip-all -o "$work/result/vmlinux" "$work/objects/vmlinux"
  cp "$work/objects/.config" "$work/result/config"
  cp "$work/objects/System.map" "$work/result/System.map"
  cp "$work/objects/include/config/kernel.release" "$work/result/release"
  rm -rf "$target"
  mv "$work/result" "$target"
  rm -rf "$work"
}

main() {
  local tarball key target
  tarball=$(newest_source)
  if [ "${PACIFIC_KERNEL:-source}" = cloud ] || [ -z "$tarball" ]; then
    exec "$kernel_dir/cloud.sh"
  fi
  key=$(source_version "$tarball" |
    key_of "$kernel_dir"/{build.sh,crx.config} $(ls "$kernel_dir"/patches/*.patch 2>/dev/null))
  target=$cache_dir/kernel-$key
  if [ -e "$target/release" ]; then
    say "  kernel: in the cache, $(cat "$target/release")" >&2
  else
    locked "kernel-$key" build_from_source "$tarball" "$target" >&2
  fi
  say "$target"
}

main
