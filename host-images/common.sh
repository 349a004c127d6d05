# Sourced by the build scripts of this folder: paths, messages, hashes.

images_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository_dir=$(dirname "$images_dir")
dist_dir=${PACIFIC_DIST:-$repository_dir/dist}
cache_dir=${PACIFIC_CACHE:-/var/cache/pacific}

say() { printf '%s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# need PROGRAM PACKAGE: fails with what to install when a program is missing
need() {
  command -v "$1" >/dev/null 2>&1 || fail "$1 is missing: install the package $2 (all of them: host-images/packages.txt)"
}

sha256_of() { sha256sum -- "$1" | cut -d' ' -f1; }

# key_of FILE… : one hash over the names and contents of files, and of what is on standard input
key_of() {
  {
    cat
    for file in "$@"; do
      printf '%s %s\n' "$(basename "$file")" "$(sha256_of "$file")"
    done
  } | sha256sum | cut -c1-32
}

# locked NAME COMMAND… : runs a command while holding the cache's lock of that name; another build waits its turn
locked() {
  local lock=$cache_dir/$1.lock
  shift
  mkdir -p "$cache_dir"
  (
    flock --nonblock 9 || {
      say "  another build of this is under way: waiting for it"
      flock 9
    }
    "$@" 9>&-
  ) 9>"$lock"
}

# place FILE TARGET: puts a copy there in one step, so that nobody sees half a file
place() {
  mkdir -p "$(dirname "$2")"
  cp -- "$1" "$2.new.$$"
  mv -- "$2.new.$$" "$2"
}
