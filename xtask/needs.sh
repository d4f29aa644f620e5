# shellcheck shell=bash
# What ./run and ./test need from the machine, and how they get it. Sourced, never run.
#
# Everything missing is gathered first, said in one line and then installed: Debian packages when
# this is root or sudo asks no password, npm packages always and only from the lock file. Where
# installing is not possible, one line says what to install, and the script stops.

self=$(basename "$0")

# The folders whose lock files say which npm packages are needed; ./test adds its own.
npm_folders=("$root/crates/ui")

say() { printf './%s: %s\n' "$self" "$*"; }

stop() {
  printf './%s: %s\n' "$self" "$*" >&2
  exit 1
}

# Whether a program can be found.
have() { command -v "$1" >/dev/null 2>&1; }

# The Debian packages that are missing.
missing=()

# need PROGRAM PACKAGE...: the packages are missing when the program is.
need() {
  local program=$1
  shift
  have "$program" || missing+=("$@")
}

# Cargo is not a Debian package of the wanted version: rustup installs it, and only a person should.
need_cargo() {
  have cargo || stop "cargo is missing: install Rust 1.95 or newer with rustup, then start again."
  # SQLite is compiled from its source, and rustc links with cc.
  need cc gcc libc6-dev
}

# npm is needed only while its packages are not there or older than the lock file.
need_npm() {
  local folder
  for folder in "${npm_folders[@]}"; do
    if npm_is_due "$folder"; then
      need node nodejs
      need npm npm
    fi
  done
}

# Whether the npm packages of a folder are missing or older than its lock file.
npm_is_due() {
  local folder=$1
  [[ ! -f "$folder/node_modules/.package-lock.json" ||
    "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]]
}

# Whether Debian packages can be installed without asking for a password.
may_install() {
  have apt-get && { [[ $EUID -eq 0 ]] || { have sudo && sudo -n true 2>/dev/null; }; }
}

as_root() {
  if [[ $EUID -eq 0 ]]; then "$@"; else sudo -n "$@"; fi
}

# Installs the missing Debian packages, or stops with one line that names them.
install_debian() {
  [[ ${#missing[@]} -gt 0 ]] || return 0
  have apt-get ||
    stop "missing, by their Debian names: ${missing[*]}. Install them, then start again."
  may_install ||
    stop "missing Debian packages, and neither root nor sudo: apt-get install ${missing[*]}"
  say "about to install the Debian packages: ${missing[*]}"
  as_root apt-get -q update
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y install --no-install-recommends "${missing[@]}"
}

# Installs the npm packages of the lock files; none of their scripts is run.
install_npm() {
  local folder
  for folder in "${npm_folders[@]}"; do
    npm_is_due "$folder" || continue
    say "about to install the npm packages of ${folder#"$root/"}/package-lock.json"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefix "$folder"
  done
}

# Installs the Python packages of a requirements file into a folder of their own, when it is older.
install_python() {
  local folder=$1 wanted=$2
  [[ ! -f "$folder/done" || "$wanted" -nt "$folder/done" ]] || return 0
  say "about to install the Python packages of ${wanted#"$root/"}"
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
  touch "$folder/done"
}

# One compiler per core, but no more than memory allows at 1.5 GB each.
limit_jobs() {
  [[ -z ${CARGO_BUILD_JOBS:-} ]] || return 0
  local cores memory_kb jobs
  cores=$(nproc)
  memory_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  jobs=$((memory_kb / 1500000))
  ((jobs <= cores)) || jobs=$cores
  ((jobs >= 1)) || jobs=1
  export CARGO_BUILD_JOBS=$jobs
}
