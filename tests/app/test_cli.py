"""The command line: exit codes, one line of error, JSON, and the database left as found."""

from __future__ import annotations

import getpass
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.services.demo import FOLDER, NOTICE
from data import migrate
from data.session import Database
from tests.app.register_town import asked, contents, found_town, written

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("--name-zh", "a", "--name-en", "a")
REGISTER = ("import", "register", "--city", "zhengzhou")
DESTROY = (
    "import sys; from pathlib import Path; from data.embedded import EmbeddedServer; "
    "EmbeddedServer(Path(sys.argv[1])).destroy()"
)
ROW = "K202501001,旧厂更新,1.5,东区,城区"


@pytest.fixture
def gengxin(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `gengxin` against the database of a URL, in English."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")

    def run(url: str, *words: object) -> Result:
        monkeypatch.setenv("GENGXIN_DATABASE_URL", url)
        return CliRunner().invoke(app, [str(word) for word in words])

    return run


def fails(result: Result, code: int, says: str) -> None:
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("gengxin: ")
    assert says in line


class TestReading:
    def test_summary_as_json_and_as_table(self, gengxin: Any, zhengzhou_url: str) -> None:
        found = json.loads(
            gengxin(zhengzhou_url, "register", "summary", "--city", "zhengzhou", "--json").stdout
        )
        assert (found["projects"], found["total"], found["reconciled"]) == (276, 7895.449028, True)
        assert [line["label"] for line in found["areas"]][:2] == ["中原区+二七区+金水区", "中原区"]
        table = gengxin(zhengzhou_url, "register", "summary", "--city", "zhengzhou")
        assert table.exit_code == 0
        assert "7,895.449028" in table.stdout

    @pytest.mark.parametrize(
        ("words", "key", "value"),
        [
            (("register", "diff", "--city", "zhengzhou"), "entered_total", 88.4079),
            (("register", "gaps", "--city", "zhengzhou"), "missing", 61),
            (("city", "show", "zhengzhou"), "notices", None),
        ],
    )
    def test_reading_commands_speak_json(
        self, gengxin: Any, zhengzhou_url: str, words: tuple[str, ...], key: str, value: object
    ) -> None:
        found = json.loads(gengxin(zhengzhou_url, *words, "--json").stdout)
        assert value is None or found[key] == value
        assert key in found
        table = gengxin(zhengzhou_url, *words)
        assert table.exit_code == 0
        assert table.stdout

    def test_city_list(self, gengxin: Any, zhengzhou_url: str) -> None:
        (city,) = json.loads(gengxin(zhengzhou_url, "city", "list", "--json").stdout)
        assert (city["slug"], city["metric_srid"], city["synthetic"]) == ("zhengzhou", 4547, False)
        assert "郑州市" in gengxin(zhengzhou_url, "city", "list").stdout

    def test_doctor_speaks_json(self, gengxin: Any, database_url: str) -> None:
        found = json.loads(gengxin(database_url, "doctor", "--json").stdout)
        assert {"name", "value", "ok", "remedy"} <= set(found[0])


class TestWriting:
    def test_a_city_with_districts_and_register_from_nothing(
        self, gengxin: Any, database: Database, database_url: str
    ) -> None:
        add = ("city", "add", "zz", "--name-zh", "郑州市", "--name-en", "Zhengzhou", "--srid", 4547)
        assert gengxin(database_url, *add).exit_code == 0
        polygons = (
            "import",
            "districts",
            FOLDER / "districts_gcj02.geojson",
            "--city",
            "zz",
            "--crs",
            "GCJ02",
        )
        report = json.loads(gengxin(database_url, *polygons, "--map", "code=adcode", "--json").stdout)
        assert (report["features"], report["added"], report["stored"]) == (12, 12, 12)
        refused = gengxin(
            database_url,
            "import",
            "register",
            FOLDER / "register_2025_45.csv",
            "--city",
            "zz",
            "--notice",
            NOTICE,
        )
        assert refused.exit_code == 1
        assert "no area «管城区»" in refused.stderr
        assert asked(database, "SELECT count(*) FROM register_notice") == [(0,)]

    def test_import_reports_and_signs_with_the_account(
        self, gengxin: Any, database: Database, database_url: str, tmp_path: Path
    ) -> None:
        found_town(database)
        words = ("import", "register", written(tmp_path, ROW), "--city", "town", "--notice", "1号", "--json")
        dry = gengxin(database_url, *words, "--dry-run")
        assert (json.loads(dry.stdout)["entered"], "nothing was written" in dry.stderr) == (1, True)
        assert asked(database, "SELECT count(*) FROM project") == [(0,)]
        assert json.loads(gengxin(database_url, *words, "--date", "2025-03-01").stdout)["entered"] == 1
        assert asked(database, "SELECT imported_by, published_on::text FROM register_notice") == [
            (getpass.getuser(), "2025-03-01")
        ]

    @pytest.mark.parametrize(
        ("locale", "says"),
        [("en_US.UTF-8", "dry run: nothing was written"), ("zh_CN.UTF-8", "试运行：未写入")],
    )
    def test_every_dry_run_says_so_in_the_language_of_the_terminal(
        self,
        gengxin: Any,
        zhengzhou: Database,
        zhengzhou_url: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        locale: str,
        says: str,
    ) -> None:
        monkeypatch.setenv("LC_ALL", locale)
        before = contents(zhengzhou)
        polygons = FOLDER / "districts_gcj02.geojson"
        words = ("--city", "zhengzhou", "--crs", "GCJ02", "--dry-run")
        districts = gengxin(zhengzhou_url, "import", "districts", polygons, *words, "--map", "code=adcode")
        assert (districts.exit_code, says in districts.stderr) == (0, True)
        assert re.search(r" 7,5\d\d\.\d\d$", districts.stdout.rstrip())
        shapes = tmp_path / "one.geojson"
        square = [[[113.6, 34.7], [113.61, 34.7], [113.61, 34.71], [113.6, 34.71], [113.6, 34.7]]]
        feature = {
            "type": "Feature",
            "properties": {"code": "K202201001"},
            "geometry": {"type": "Polygon", "coordinates": square},
        }
        shapes.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        boundaries = gengxin(zhengzhou_url, "import", "boundaries", shapes, *words)
        assert (boundaries.exit_code, says in boundaries.stderr) == (0, True)
        assert contents(zhengzhou) == before

    def test_changed_amounts_without_trailing_zeros(
        self, gengxin: Any, database: Database, database_url: str, tmp_path: Path
    ) -> None:
        found_town(database)
        words = ("import", "register", "--city", "town", "--notice")
        first = gengxin(database_url, *words, "1号", written(tmp_path, ROW.replace("1.5", "12.505")))
        assert "new" in first.stdout.split()
        assert (
            gengxin(database_url, *words, "2号", written(tmp_path, ROW.replace("1.5", "14"))).exit_code == 0
        )
        assert "12.505 -> 14" in gengxin(database_url, "register", "diff", "--city", "town").stdout

    def test_mapping_and_unit(
        self, gengxin: Any, database: Database, database_url: str, tmp_path: Path
    ) -> None:
        found_town(database)
        path = written(tmp_path, "K1,x,15000,East", header="Nr,What,How much,Where")
        fields = ("code=Nr", "name=What", "amount=How much", "area=Where")
        mapped = [word for field in fields for word in ("--map", field)]
        words = ("import", "register", path, "--city", "town", "--notice", "1号", "--unit", "万元")
        assert gengxin(database_url, *words, *mapped).exit_code == 0
        assert asked(database, "SELECT total_investment::int FROM project") == [(150_000_000,)]

    def test_reason_and_shares(self, gengxin: Any, zhengzhou: Database, zhengzhou_url: str) -> None:
        shares = ("410102=0.5", "410103=0.3", "410105=0.2")
        words = ("register", "shares", "K202201001", *shares, "--city", "zhengzhou")
        assert gengxin(zhengzhou_url, *words).exit_code == 0
        assert asked(zhengzhou, "SELECT count(*) FROM project_district WHERE share_basis = 'entered'") == [
            (3,)
        ]
        fails(
            gengxin(zhengzhou_url, "register", "reason", "K202201001", "moved", "--city", "zhengzhou"),
            1,
            "still in the library",
        )

    def test_export(self, gengxin: Any, zhengzhou_url: str, tmp_path: Path) -> None:
        words = (
            "export",
            "projects",
            "--city",
            "zhengzhou",
            "--out",
            tmp_path / "p.csv",
            "--filter",
            "year=2025",
        )
        assert gengxin(zhengzhou_url, *words).exit_code == 0
        assert len((tmp_path / "p.csv").read_text(encoding="utf-8-sig").splitlines()) == 31
        bad = ("export", "projects", "--city", "zhengzhou", "--out", tmp_path / "p.doc")
        assert gengxin(zhengzhou_url, *bad).exit_code == 1


class TestFailing:
    @pytest.mark.parametrize(
        ("words", "code", "says"),
        [
            (("register", "summary", "--city", "nowhere"), 1, "Choose one of: zhengzhou"),
            (("register", "summary"), 2, "Missing option '--city'"),
            (("register", "sumary"), 2, "Did you mean 'summary'"),
            (("nonsense",), 2, "No such command"),
            (("city", "list", "--colour"), 2, "No such option"),
            (("register", "diff", "--city", "zhengzhou", "--against", "x"), 1, "no notice «x»"),
            (("register", "shares", "K202201001", "410102", "--city", "zhengzhou"), 2, "NAME=VALUE"),
            (("register", "shares", "K202201001", "410102=x", "--city", "zhengzhou"), 2, "not a share"),
            (("register", "shares", "K202201001", "410102=0.9", "--city", "zhengzhou"), 2, "sum to 0.9"),
            (("city", "add", "Bad Slug", *NAMES, "--srid", "4547"), 2, "slug"),
            (("city", "add", "a1", *NAMES, "--srid", "4326"), 2, "in metres"),
            (("city", "add", "a1", *NAMES, "--srid", "1"), 2, "in metres"),
            (("city", "add", "a1", *NAMES, "--srid", "4547", "--code-pattern", "("), 2, "pattern"),
            (("city", "add", "zhengzhou", *NAMES, "--srid", "4547"), 1, "already a city"),
            ((*REGISTER, "no.csv", "--notice", "x"), 1, "No such file"),
            ((*REGISTER, "no.csv", "--notice", "x", "--date", "1.2.25"), 2, "not a date"),
            (("db", "start"), 2, "GENGXIN_DATABASE_URL"),
        ],
    )  # fmt: skip
    def test_one_line_and_the_right_code(
        self, gengxin: Any, zhengzhou_url: str, words: tuple[str, ...], code: int, says: str
    ) -> None:
        fails(gengxin(zhengzhou_url, *words), code, says)

    def test_bad_rows_change_nothing(
        self, gengxin: Any, zhengzhou: Database, zhengzhou_url: str, tmp_path: Path
    ) -> None:
        before = contents(zhengzhou)
        path = written(tmp_path, "K1,x,abc,中原区,市内五区")
        words = ("import", "register", path, "--city", "zhengzhou", "--notice", "2号")
        fails(gengxin(zhengzhou_url, *words), 1, "row 2, amount «abc»: This is not an amount")
        assert contents(zhengzhou) == before

    def test_no_database_and_old_tables(self, gengxin: Any, database_url: str) -> None:
        away = "postgresql://gengxin@/none?host=/nowhere&port=1"
        fails(gengxin(away, "city", "list"), 1, "does not answer")
        migrate.downgrade(database_url)
        fails(gengxin(database_url, "city", "list"), 1, "gengxin db upgrade")
        assert gengxin(database_url, "db", "upgrade").exit_code == 0
        assert gengxin(database_url, "city", "list").exit_code == 0

    def test_a_setting_that_cannot_be_is_named(
        self, gengxin: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GENGXIN_PORT", "high")
        fails(gengxin(database_url, "city", "list"), 2, "GENGXIN_PORT")

    def test_errors_are_said_in_the_language_of_the_terminal(
        self, gengxin: Any, zhengzhou_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
        result = gengxin(zhengzhou_url, "register", "summary", "--city", "nowhere")
        assert result.exit_code == 1
        assert "nowhere" in result.stderr


class TestHelp:
    def test_help_and_version_are_quick(self) -> None:
        for words in (["--help"], ["--version"], ["import", "register", "--help"]):
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "app.cli", *words],
                cwd=ROOT,
                check=False,
                capture_output=True,
                text=True,
            )
            assert (done.returncode, done.stderr) == (0, "")
            assert "gengxin" in done.stdout.lower() or "Usage" in done.stdout
            assert time.perf_counter() - start < 2

    def test_nothing_heavy_is_imported_for_help(self) -> None:
        heavy = ("pandas", "sqlalchemy", "dash", "babel")
        look = f"import sys, app.cli; print([name for name in {heavy} if name in sys.modules])"
        done = subprocess.run(
            [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"

    def test_no_command_shows_help(self, gengxin: Any, database_url: str) -> None:
        result = gengxin(database_url)
        assert (result.exit_code, "register" in result.output) == (0, True)


def test_the_embedded_server_is_left_as_found(tmp_path: Path) -> None:
    home = Path("/tmp") / f"gengxin-cli-{os.getpid()}"
    environment = {k: v for k, v in os.environ.items() if k != "GENGXIN_DATABASE_URL"} | {
        "GENGXIN_HOME": str(home)
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app.cli", *words]
        return subprocess.run(
            command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=120
        )

    try:
        assert json.loads(run("city", "list", "--json").stdout) == []
        assert json.loads(run("db", "status", "--json").stdout)["running"] is False
        url = run("db", "start").stdout.strip()
        assert run("db", "url").stdout.strip() == url
        assert run("city", "list").returncode == 0
        assert json.loads(run("db", "status", "--json").stdout)["running"] is True
        assert "stopped" in run("db", "stop").stderr
        assert "not running" in run("db", "stop").stderr
    finally:
        subprocess.run([sys.executable, "-c", DESTROY, str(home)], cwd=ROOT, check=True)
