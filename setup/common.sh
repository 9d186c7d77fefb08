# Sourced by the other scripts: how to speak, fail and become root.
# shellcheck shell=sh

say() {
    printf '\n== %s\n' "$*" >&2
}

fail() {
    printf 'gengxin: %s\n' "$*" >&2
    exit 1
}

# Runs a command as root: directly, or with sudo where it needs no password or a person is there to type it.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        sudo "$@"
    else
        return 1
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >/dev/null
}

update_packages() {
    apt update || true
}

# Installs Debian or Ubuntu packages, or ends with the one command that somebody who may must run.
install_packages() {
    say "Installing $*"
    apt install -y --no-install-recommends "$@" && return
    update_packages
    apt install -y --no-install-recommends "$@" && return
    fail "this account cannot install what is missing; as root, run:" \
        "apt-get update && apt-get install -y --no-install-recommends $*"
}

# The newest package whose name matches a pattern, as apt knows it, or the second name.
newest_package() {
    apt-cache search --names-only "$1" 2>/dev/null | cut -d' ' -f1 | sort -V | tail -n 1 | grep . || echo "$2"
}
