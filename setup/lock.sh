#!/bin/sh
# Writes the lock files anew from pyproject.toml and requirements/*.in, with the hash of every file that may be installed.
set -eu
cd "$(dirname "$0")/../requirements"

lock() {
    ../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
        --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" "$@"
}

lock ../pyproject.toml run.in --output-file run.txt
lock ../pyproject.toml test.in --output-file test.txt
