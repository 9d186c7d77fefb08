#!/bin/sh
# Installs the system packages that are missing, and nothing else: system.sh postgis|browser ...
set -eu
. "$(dirname "$0")/common.sh"

has_postgis() {
    for control in /usr/share/postgresql/*/extension/postgis.control; do
        version=${control#/usr/share/postgresql/}
        [ -x "/usr/lib/postgresql/${version%%/*}/bin/initdb" ] && return
    done
    return 1
}

# The server's package would start a server of its own on port 5432. Where PostgreSQL is in use, nothing changes.
without_main_cluster() {
    folder=/etc/postgresql-common/createcluster.d
    if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then return; fi
    as_root mkdir -p "$folder" || return 0
    echo "create_main_cluster = false" | as_root tee "$folder/gengxin.conf" >/dev/null
}

postgis() {
    [ -z "${GENGXIN_DATABASE_URL:-}" ] || return 0
    if has_postgis; then return; fi
    without_main_cluster
    update_packages
    install_packages "$(newest_package '^postgresql-[0-9]+-postgis-[0-9]+$' postgresql-postgis)"
}

has_browser() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

has_chinese_font() {
    command -v fc-list && fc-list ':lang=zh-cn' family | grep .
}

browser() {
    has_browser >/dev/null || install_packages chromium
    has_chinese_font >/dev/null || install_packages fontconfig fonts-noto-cjk
}

for part in "$@"; do
    case $part in
        postgis) postgis ;;
        browser) browser ;;
        *) fail "system.sh knows postgis and browser, not $part" ;;
    esac
done
