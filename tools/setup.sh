#!/usr/bin/env bash
# Everything that `make demo`, `make test` and `make check` need, from nothing; quick when it is there already.
# Usage: tools/setup.sh demo|test|check|fuzz
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly POSTGRES_OLDEST=15
readonly BUILD=src/dothi/web/static/build
goal=${1:-demo}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'set-up: %s\n' "$*" >&2
  exit 1
}

one_at_a_time() {
  mkdir -p build
  exec 9>build/setup.lock
  flock --nonblock 9 && return
  say "Another set-up is running in this folder; waiting for it."
  flock 9
}

# What a step was last made from stands in a file beside what it made: gone with it, and made again.
fingerprint() { cat -- "$@" 2>/dev/null | sha256sum | cut -d' ' -f1; }
is_fresh() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

first_error() { grep -i error "$1" | grep -m 1 '[a-z]* error .*[a-z]' || tail -n 1 "$1"; }

# --- Debian packages -------------------------------------------------------------------------------------------------

find_python() {
  local candidate
  for candidate in /usr/bin/python3 python3.13 python3.12 python3.11 python3; do
    if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

has_postgres() {
  local folder version
  for folder in /usr/lib/postgresql/*/; do
    version=$(basename "$folder")
    [ -x "$folder/bin/initdb" ] && [ "${version%%.*}" -ge $POSTGRES_OLDEST ] 2>/dev/null &&
      [ -f "/usr/share/postgresql/$version/extension/postgis.control" ] && return
  done
  return 1
}

has_mosquitto() {
  { command -v mosquitto || [ -x /usr/sbin/mosquitto ]; } >/dev/null && compgen -G '/usr/lib/*/mosquitto_dynamic_security.so' >/dev/null
}

has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null

# Not by a pipe to `grep -q`, which ends at its find: a list cut off by that fails, and the library counts as missing.
has_library() { [[ $(/sbin/ldconfig -p) == *"$1"* ]]; }

has_font() { compgen -G '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' >/dev/null; }

# The version of PostgreSQL that this distribution carries; PostGIS is packaged for that one.
postgres_version() {
  apt-cache depends postgresql 2>/dev/null | sed -n 's/^ *Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1
}

missing_packages() {
  local postgres
  find_python >/dev/null || echo python3-venv
  if ! has_postgres; then
    postgres=$(postgres_version)
    echo "postgresql-${postgres:-15} postgresql-${postgres:-15}-postgis-3"
  fi
  has_mosquitto || echo mosquitto
  command -v msgfmt >/dev/null || echo gettext
  # What reports are drawn with as PDF, and a font that has all Vietnamese letters.
  has_library libpangoft2-1.0.so.0 || echo libpangoft2-1.0-0
  has_library libharfbuzz-subset.so.0 || echo libharfbuzz-subset0
  has_font || echo fonts-dejavu-core
  command -v setpriv >/dev/null || echo util-linux
  [ "$goal" != test ] || has_browser || echo chromium
  # The driver of the browser's tests brings a Node.js of its own, which wants this library.
  [ "$goal" != test ] || has_library libatomic.so.1 || echo libatomic1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -- "$@"
  fi
}

debian_packages() {
  local packages
  packages=$(missing_packages | xargs)
  [ -n "$packages" ] || return 0
  command -v apt-get >/dev/null || fail "missing here: $packages (names as in Debian); install them, then try again."
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "ask an administrator to run: apt-get install $packages"
  say "Refreshing the list of Debian packages ..."
  as_root apt-get -qq update || fail "apt-get update failed; run it by hand to see why."
  packages=$(missing_packages | xargs)
  say "These Debian packages will be installed: $packages"
  say "(Debian starts services of its own for PostgreSQL and mosquitto; Dothi uses none of them and stops none.)"
  # shellcheck disable=SC2086 # a list of words
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install --no-install-recommends $packages \
    >build/apt.log 2>&1 </dev/null || fail "could not install them: $(grep -m 1 '^E:' build/apt.log || tail -n 1 build/apt.log); run: apt-get install $packages"
  packages=$(missing_packages | xargs)
  [ -z "$packages" ] || fail "still missing after the installation: $packages"
}

# --- Python ----------------------------------------------------------------------------------------------------------

# `.venv` begins with pip, which brings uv by hash; uv does the rest.
virtual_environment() {
  local python mark
  mark=$(fingerprint requirements-setup.lock)
  is_fresh .venv/.made-of "$mark" && .venv/bin/python -c '' 2>/dev/null && return
  if .venv/bin/uv --version >/dev/null 2>&1 && .venv/bin/python -c '' 2>/dev/null; then
    install_locked .venv requirements-setup.lock
  else
    python=$(find_python) || fail "Python 3.11 or newer is needed"
    say "Creating .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
      -r requirements-setup.lock || fail "could not install requirements-setup.lock into .venv"
  fi
  echo "$mark" >.venv/.made-of
}

# What has no wheel is built with the tools of requirements-setup.lock, so that nothing comes in without a hash.
install_locked() { # environment, lock
  .venv/bin/uv pip install --quiet --compile-bytecode --python "$1/bin/python" --require-hashes --no-build-isolation -r "$2" || fail "could not install $2 into $1"
}

runtime_packages() {
  local mark lock
  mark=$(fingerprint requirements.lock requirements-test.lock pyproject.toml)
  is_fresh .venv/.has-test "$mark" && return
  lock=requirements-test.lock
  if [ "$goal" = demo ]; then
    is_fresh .venv/.has-demo "$mark" && return
    lock=requirements.lock
  fi
  say "Installing $lock into .venv ..."
  install_locked .venv "$lock"
  .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e . || fail "could not install Dothi into .venv"
  if [ "$goal" = demo ]; then echo "$mark" >.venv/.has-demo; else echo "$mark" >.venv/.has-test; fi
}

# Six processes import the same modules at every start; compiled here even where Python is told to leave no files.
byte_code() { .venv/bin/python -m compileall -q src simulators >/dev/null || true; }

lint_packages() {
  local mark
  mark=$(fingerprint requirements-lint.lock)
  is_fresh .venv-lint/.made-of "$mark" && return
  say "Installing requirements-lint.lock into .venv-lint ..."
  .venv/bin/uv venv --quiet --clear --python .venv/bin/python .venv-lint
  install_locked .venv-lint requirements-lint.lock
  echo "$mark" >.venv-lint/.made-of
}

# The fuzzer stands beside the environment, so that no test ever finds it there by chance.
fuzzer() {
  local mark
  mark=$(fingerprint requirements-fuzz.lock)
  is_fresh build/fuzzer/.made-of "$mark" && return
  say "Installing requirements-fuzz.lock into build/fuzzer ..."
  rm -rf build/fuzzer
  .venv/bin/uv pip install --quiet --python .venv/bin/python --target build/fuzzer --require-hashes --only-binary :all: \
    -r requirements-fuzz.lock || fail "could not install requirements-fuzz.lock: is there a wheel for $(.venv/bin/python --version)?"
  echo "$mark" >build/fuzzer/.made-of
}

# --- front end -------------------------------------------------------------------------------------------------------

# What Vite asks for: ^20.19 or >=22.12.
is_node_new_enough() {
  command -v npm >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22 ? 0 : 1)' 2>/dev/null
}

node_itself() {
  is_node_new_enough && return
  say "Installing Node.js into .venv (the system has none that is new enough) ..."
  install_locked .venv requirements-node.lock
  hash -r
  is_node_new_enough || fail "Node.js in .venv does not run: $(node --version 2>&1 | head -n 1)"
}

front_end_packages() {
  local mark
  mark=$(fingerprint package.json package-lock.json)
  is_fresh node_modules/.made-of "$mark" && return
  say "Installing the front end's packages into node_modules ..."
  npm ci --no-audit --no-fund --loglevel=error >build/npm.log 2>&1 </dev/null || fail "npm ci failed; see build/npm.log: $(first_error build/npm.log)"
  echo "$mark" >node_modules/.made-of
}

front_end_sources() {
  printf '%s\n' package-lock.json package.json vite.config.* tsconfig.json
  find frontend -type f -not -path '*/generated/*'
  find src/dothi -path '*/frontend/*' -type f
  find src/dothi -name manifest.toml -o -name '*.html' # they name the icons
}

front_end() {
  local mark
  [ -f package.json ] || return 0
  export PATH="$PWD/.venv/bin:$PATH" # where a Node.js of ours would be
  node_itself
  front_end_packages
  mark=$(front_end_sources | sort | tr '\n' '\0' | xargs -0 sha256sum 2>/dev/null | sha256sum | cut -d' ' -f1)
  is_fresh $BUILD/.made-of "$mark" && return
  say "Building the front end ..."
  npm run --silent build >build/vite.log 2>&1 </dev/null || fail "the front end does not build; see build/vite.log: $(first_error build/vite.log)"
  echo "$mark" >$BUILD/.made-of
}

# --- messages --------------------------------------------------------------------------------------------------------

message_catalogues() {
  local source compiled
  find src -path '*/LC_MESSAGES/*.po' | while read -r source; do
    compiled=${source%.po}.mo
    if [ ! "$compiled" -nt "$source" ]; then
      msgfmt --check-format --output-file="$compiled" "$source" || fail "$source does not compile"
    fi
  done
}

case $goal in
demo | test | check | fuzz) ;;
*) fail "no such goal: $goal (demo, test, check, fuzz)" ;;
esac
one_at_a_time
debian_packages
virtual_environment
runtime_packages
[ "$goal" != fuzz ] || { fuzzer; exit; }
# The tests run the linters too: each rule is tried on code that breaks it.
[ "$goal" = demo ] || lint_packages
front_end
message_catalogues
byte_code
