#!/bin/sh
# Makes the environment .venv/ from a lock file, or does nothing when it is so already: environment.sh run|test
set -eu
. "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."

fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

newest_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        fits "$candidate" && echo "$candidate" && return
    done
    fail "Python 3.11 or newer is needed; on Ubuntu 22.04, as root, run: apt-get install -y python3.11-venv"
}

make_environment() {
    fits .venv/bin/python && return
    python=$(newest_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        install_packages "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    say "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
}

# Whether .venv/ was last made with this very file.
made_with() {
    sha256sum --check --status ".venv/$(basename "$1").sha256" 2>/dev/null
}

record() {
    sha256sum "$1" >".venv/$(basename "$1").sha256"
}

pip_install() {
    .venv/bin/python -m pip install -qq --disable-pip-version-check "$@"
}

install_locked() {
    made_with "$1" && return
    say "Installing $1"
    pip_install --require-hashes -r "$1"
    record "$1"
}

install_project() {
    made_with pyproject.toml && return
    say "Installing Gengxin itself"
    pip_install --no-index --no-deps --no-build-isolation -e .
    record pyproject.toml
}

exec 9>.venv.lock
flock 9
make_environment
install_locked "requirements/${1:-run}.txt"
install_project
