#!/bin/bash
# Makes the demo image, pacific.local/demo:latest, as an OCI archive: busybox, a script that greets and serves a page.
# The same input gives the same bytes. Neither a registry nor a container engine is asked.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
demo_dir=$images_dir/demo
name=pacific.local/demo
target=$dist_dir/images/demo.tar

# archive FOLDER: a tar of it with fixed order, owners and times
archive() {
  tar --create --directory="$1" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu \
    --no-recursion --files-from=<(cd "$1" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort)
}

# blob FILE: puts it into the layout under its digest, which is printed
blob() {
  local digest
  digest=$(sha256_of "$1")
  mv "$1" "$work/layout/blobs/sha256/$digest"
  echo "$digest"
}

size_of() { stat --format=%s "$work/layout/blobs/sha256/$1"; }

make_root() {
  local busybox=$1 root=$2 applet
  mkdir -p "$root"/{bin,etc,proc,sys,dev,run,tmp,home/demo,usr/bin,var/www}
  cp "$busybox" "$root/bin/busybox"
  for applet in $("$busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done
  cp "$demo_dir/greet" "$root/usr/bin/greet"
  printf 'root:x:0:0:root:/root:/bin/sh\ndemo:x:1000:1000:demo:/home/demo:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\ndemo:x:1000:\n' >"$root/etc/group"
  chmod 755 "$root/bin/busybox" "$root/usr/bin/greet"
  chmod 1777 "$root/tmp" "$root/var/www"
}

make_layout() {
  local layer diff config manifest
  mkdir -p "$work/layout/blobs/sha256"
  archive "$work/root" >"$work/layer"
  diff=$(sha256_of "$work/layer")
  gzip --no-name -9 "$work/layer"
  layer=$(blob "$work/layer.gz")
  cat >"$work/config" <<END
{"created":"1970-01-01T00:00:00Z","architecture":"amd64","os":"linux","config":{"User":"demo","Env":["PATH=/usr/bin:/bin"],"Cmd":["/usr/bin/greet"],"WorkingDir":"/home/demo","ExposedPorts":{"8080/tcp":{}}},"rootfs":{"type":"layers","diff_ids":["sha256:$diff"]}}
END
  config=$(blob "$work/config")
  cat >"$work/manifest" <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:$config","size":$(size_of "$config")},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:$layer","size":$(size_of "$layer")}]}
END
  manifest=$(blob "$work/manifest")
  echo '{"imageLayoutVersion":"1.0.0"}' >"$work/layout/oci-layout"
  cat >"$work/layout/index.json" <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:$manifest","size":$(size_of "$manifest"),"platform":{"architecture":"amd64","os":"linux"},"annotations":{"io.containerd.image.name":"$name:latest","org.opencontainers.image.ref.name":"latest"}}]}
END
}

main() {
  local busybox key
  say "demo image:"
  need busybox busybox-static
  busybox=$(readlink -f "$(command -v busybox)")
  key=$(key_of "$busybox" "$demo_dir"/{build.sh,greet} </dev/null)
  if [ -e "$target" ] && [ "$(cat "$dist_dir/images/.demo.key" 2>/dev/null)" = "$key" ]; then
    say "  up to date"
    return
  fi
  say "  making $name:latest"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  make_root "$busybox" "$work/root"
  make_layout
  archive "$work/layout" >"$work/demo.tar"
  place "$work/demo.tar" "$target"
  echo "$key" >"$dist_dir/images/.demo.key"
}

main
