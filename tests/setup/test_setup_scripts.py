"""The Makefile and the scripts behind it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "setup").glob("*.sh"))
SHELLCHECK = shutil.which("shellcheck", path=str(Path(sys.executable).parent))
TARGETS = {"setup", "run", "test", "lint", "bench", "clean", "help"}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def program(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


@pytest.mark.skipif(not SHELLCHECK, reason="no shellcheck for this processor")
def test_scripts_pass_shellcheck() -> None:
    done = run(
        str(SHELLCHECK), "--external-sources", "--source-path=SCRIPTDIR", ".ci/run", *map(str, SCRIPTS)
    )
    assert done.stdout == ""


def test_help_is_what_make_alone_prints_and_lists_the_targets() -> None:
    done = run("make")
    assert done.returncode == 0
    assert set(re.findall(r"^make (\S+) ", done.stdout, re.MULTILINE)) >= TARGETS


def test_ci_runs_make_test() -> None:
    assert (ROOT / ".ci/run").read_text().rstrip().endswith("exec make test")


@pytest.mark.skipif(not (ROOT / ".venv/pyproject.toml.sha256").exists(), reason="not set up with make")
def test_setting_up_again_costs_nothing() -> None:
    assert run("make", "setup").returncode == 0
    started = time.monotonic()
    done = run("make", "setup")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - started < 1


def test_without_root_or_sudo_one_line_says_what_to_run(tmp_path: Path) -> None:
    program(tmp_path, "id", "echo 1000")
    program(tmp_path, "sudo", "exit 1")
    done = run(
        "sh", "-c", ". setup/common.sh; install_packages postgresql-15-postgis-3",
        PATH=f"{tmp_path}:{os.environ['PATH']}",
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "gengxin: this account cannot install what is missing; as root, run: "
        "apt-get update && apt-get install -y --no-install-recommends postgresql-15-postgis-3"
    )


def test_a_given_database_needs_no_server_here(tmp_path: Path) -> None:
    program(tmp_path, "apt-get", "echo called")
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = run("sh", "setup/system.sh", "postgis", PATH=path, GENGXIN_DATABASE_URL="postgresql://db/gengxin")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_old_python_is_refused_with_a_remedy(tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        program(tmp_path, name, "exit 1")
    shutil.copytree(ROOT / "setup", tmp_path / "project/setup")
    done = run("sh", str(tmp_path / "project/setup/environment.sh"), PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert not (tmp_path / "project/.venv").exists()
