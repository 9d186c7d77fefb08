"""`gengxin doctor`: sees what is there, names what is not, and never fails itself."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from app.services import doctor
from app.services.doctor import Finding, examine
from app.settings import Settings
from data.session import engine_for


def named(findings: Sequence[Finding], name: str) -> Finding:
    (found,) = [finding for finding in findings if finding.name == name]
    return found


def test_a_healthy_database_has_no_fault(database_url: str) -> None:
    findings = examine(Settings(database_url=database_url))
    about_the_database = ("PostgreSQL", "PostGIS", "GEOS", "PROJ", "Rights", "Tables")
    assert [named(findings, name).ok for name in about_the_database] == [True] * 6
    assert named(findings, "PostGIS").value.startswith("3.")
    assert all(finding.value for finding in findings)


def test_only_faults_and_absent_things_carry_a_remedy(database_url: str) -> None:
    findings = examine(Settings(database_url=database_url))
    assert [found for found in findings if found.remedy and found.ok and found.value != "-"] == []


def test_old_tables_are_found(database_url: str) -> None:
    engine = engine_for(database_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    engine.dispose()
    found = named(examine(Settings(database_url=database_url)), "Tables")
    assert (found.ok, found.remedy) == (False, "Run `gengxin db upgrade`.")


def test_a_stopped_embedded_server_is_no_fault_and_is_not_started(tmp_path: Path) -> None:
    found = named(examine(Settings(database_url=None, home=tmp_path / "home")), "Database")
    assert found.ok
    assert "gengxin up" in found.remedy
    assert not (tmp_path / "home").exists()


def test_an_unreachable_database_is_a_fault_and_the_rest_is_still_examined() -> None:
    findings = examine(Settings(database_url="postgresql://planner@127.0.0.1:1/plans"))
    assert not named(findings, "Database").ok
    assert named(findings, "Free disk").value


@pytest.mark.parametrize("url", ["nonsense", "mysql://a/b", ""])
def test_a_database_address_that_means_nothing_is_a_fault(url: str) -> None:
    assert not named(examine(Settings(database_url=url)), "Database").ok


def test_missing_fonts_come_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = named(examine(Settings(database_url="nonsense")), "Chinese fonts")
    assert (found.ok, "fonts-noto-cjk" in found.remedy) == (False, True)


def test_a_program_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("fc-list", 10)

    monkeypatch.setattr(doctor.subprocess, "run", hang)
    assert not named(examine(Settings(database_url="nonsense")), "Chinese fonts").ok


def test_little_disk_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE_GB", 1e9)
    found = named(examine(Settings(database_url="nonsense")), "Free disk")
    assert (found.ok, "GENGXIN_HOME" in found.remedy) == (False, True)
