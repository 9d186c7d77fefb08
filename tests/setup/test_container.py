"""The container files: settings that exist, a linted Dockerfile, and a wheel that holds everything."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent))
COPIED = ("app", "data", "gis", "migrations", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


@pytest.mark.parametrize("name", ["compose.yaml", "Dockerfile"])
def test_every_setting_named_there_exists(name: str) -> None:
    named = set(re.findall(r"GENGXIN_([A-Z_]+)", (ROOT / name).read_text()))
    assert named
    assert {setting.lower() for setting in named} - set(Settings.model_fields) == set()


@pytest.mark.skipif(not HADOLINT, reason="no hadolint for this processor")
def test_dockerfile_passes_hadolint() -> None:
    done = subprocess.run(
        [str(HADOLINT), "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_image_runs_as_an_ordinary_user_and_checks_its_health() -> None:
    lines = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER (?!0$|root$)\S+$", lines, re.MULTILINE)
    assert "/healthz" in lines
    assert "--require-hashes" in lines


def test_password_has_no_default(compose: dict[str, Any]) -> None:
    services = compose["services"]
    passwords = [
        services["database"]["environment"]["POSTGRES_PASSWORD"],
        services["dashboard"]["environment"]["PGPASSWORD"],
    ]
    assert all(password.startswith("${POSTGRES_PASSWORD:?") for password in passwords)


def test_dashboard_waits_for_a_healthy_database_on_a_named_volume(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["dashboard"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert services["database"]["image"] == "postgis/postgis:16-3.4"
    assert services["database"]["healthcheck"]["test"][1] == "pg_isready"
    assert [volume.split(":")[0] for volume in services["database"]["volumes"]] == list(compose["volumes"])


def test_everything_the_image_copies_is_sent_to_the_builder() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert sent == {*COPIED, "requirements/run.txt"}


def test_installed_package_holds_every_file_it_needs(tmp_path: Path) -> None:
    """Stands in for the image's build step where no container engine runs."""
    source = tmp_path / "source"
    source.mkdir()
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(tmp_path), str(source)], check=True, timeout=120)

    (wheel,) = tmp_path.glob("gengxin-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())

    tracked = [path for name in ("app", "data", "gis", "migrations") for path in (ROOT / name).rglob("*")]
    needed = {
        str(path.relative_to(ROOT)) for path in tracked if path.is_file() and "__pycache__" not in path.parts
    }
    assert needed - packed == set()
