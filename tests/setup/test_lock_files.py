"""The lock files: complete, with hashes, and free of addresses."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
PINNED = re.compile(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PINNED.findall((REQUIREMENTS / name).read_text()))


def wishes(name: str) -> set[str]:
    lines = (REQUIREMENTS / name).read_text().splitlines() + project_dependencies()
    return {re.split(r"[\[;<>=~ ]", line)[0] for line in lines if line and line[0] not in "#-"}


def project_dependencies() -> list[str]:
    project = tomllib.loads((REQUIREMENTS.parent / "pyproject.toml").read_text())["project"]
    return list(project["dependencies"])


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    text = (REQUIREMENTS / name).read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(name))
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", ["run.txt", "test.txt", "run.in", "test.in"])
def test_no_file_names_an_address_or_a_folder_of_one_machine(name: str) -> None:
    text = (REQUIREMENTS / name).read_text()
    assert not re.search(r"://|--(index|extra-index|find-links|trusted)|(^|\s)/\w", text)


@pytest.mark.parametrize("name", ["run", "test"])
def test_every_wish_is_locked(name: str) -> None:
    assert wishes(f"{name}.in") - set(pins(f"{name}.txt")) == set()


def test_tests_run_on_what_runs_the_dashboard() -> None:
    run, tested = pins("run.txt"), pins("test.txt")
    assert {name: tested.get(name) for name in run} == run
