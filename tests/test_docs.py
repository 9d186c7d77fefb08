"""The documentation is true: commands run, settings exist, links lead somewhere, both languages agree."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from app.cli import app
from app.settings import Settings
from data.session import Database
from tests.app.register_town import asked

ROOT = Path(__file__).resolve().parent.parent
READMES = (ROOT / "README.md", ROOT / "README.zh.md")
GUIDES = (ROOT / "docs/guide.en.md", ROOT / "docs/guide.zh.md")
INDICATORS = (ROOT / "docs/indicators.en.md", ROOT / "docs/indicators.zh.md")
PAGES = (
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "data/demo").rglob("*.md")),
)
LARGEST_IMAGE = 300_000
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
ROW = re.compile(r"^\| `GENGXIN_(\w+)` \| (.+?) \|", re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
UNSET = {"unset", "empty", "不设", "空"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def commands(path: Path) -> list[list[str]]:
    """The `gengxin ...` lines of a page's shell blocks, as words."""
    blocks = [body for language, body in BLOCK.findall(text_of(path)) if language == "sh"]
    lines = [line for body in blocks for line in body.splitlines() if line.startswith("gengxin ")]
    return [shlex.split(line)[1:] for line in lines]


def inline_commands(path: Path) -> list[list[str]]:
    """The `gengxin ...` that a page names in running text."""
    prose = BLOCK.sub("", text_of(path))
    return [found.split()[1:] for found in re.findall(r"`(gengxin [a-z][^`]*)`", prose)]


def resolved(words: list[str]) -> tuple[object, list[str]]:
    """The command that words lead to, and what is left of them."""
    command, rest = get_command(app), list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    return command, rest


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading).strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("path", READMES, ids=named)
def test_every_setting_is_documented_with_its_default_and_no_other(path: Path) -> None:
    told = dict(ROW.findall(text_of(path)))
    fields = Settings.model_fields
    assert {name.lower() for name in told} == set(fields)
    for name, shown in told.items():
        default = fields[name.lower()].default
        assert shown in UNSET if default in {None, ""} else shown == f"`{default}`", name


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_no_page_names_a_setting_that_does_not_exist(path: Path) -> None:
    told = set(re.findall(r"GENGXIN_([A-Z][A-Z_]*[A-Z])", text_of(path)))
    assert {name.lower() for name in told} <= set(Settings.model_fields)


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_command_and_option_exists(path: Path) -> None:
    for words in [*commands(path), *inline_commands(path)]:
        command, rest = resolved(words)
        options = {name for parameter in command.params for name in parameter.opts}
        takes_options = getattr(command, "invoke_without_command", False)
        assert not hasattr(command, "commands") or not rest or takes_options, words
        assert {word for word in rest if word.startswith("--")} <= options | {"--help", "--json"}, words


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_make_target_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    told = set(re.findall(r"(?:^|`)make ([a-z-]+)", text_of(path), re.MULTILINE))
    assert told <= targets


def test_the_command_line_tells_nothing_that_no_page_tells() -> None:
    told = {" ".join(words[:2]) for path in PAGES for words in [*commands(path), *inline_commands(path)]}
    groups = get_command(app).commands
    wanted = {
        f"{group} {name}"
        for group in ("city", "import", "register", "export", "indicators")
        for name in groups[group].commands
    }
    assert wanted - told == set()


def test_readmes_and_guides_have_the_same_commands_in_both_languages() -> None:
    for english, chinese in (READMES, GUIDES, INDICATORS):
        assert commands(english) == commands(chinese)
        assert len(HEADING.findall(text_of(english))) == len(HEADING.findall(text_of(chinese)))


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_links_lead_to_files_and_headings_that_exist(path: Path) -> None:
    for target in LINK.findall(BLOCK.sub("", text_of(path))):
        if re.match(r"https?:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert not anchor or anchor in map(slug, HEADING.findall(text_of(there))), target


def test_every_image_is_used_and_small() -> None:
    images = set((ROOT / "docs/images").iterdir())
    used = {
        (path.parent / target).resolve()
        for path in PAGES
        for target in LINK.findall(text_of(path))
        if target.endswith(".png")
    }
    assert {named(path) for path in images} == {named(path) for path in used}
    assert {path.name for path in images if path.stat().st_size > LARGEST_IMAGE} == set()


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_tests_that_a_page_cites_exist(path: Path) -> None:
    last = ""
    for file, test in re.findall(r"`((?:tests/[\w/]+\.py)?)((?:::\w+)*)`", text_of(path)):
        last = file or last
        if not last or not (file or test):
            continue
        source = text_of(ROOT / last)
        for part in filter(None, test.split("::")):
            assert re.search(rf"^\s*(def|class) {part}\b", source, re.MULTILINE), f"{last}{test}"


@pytest.fixture
def gengxin(monkeypatch: pytest.MonkeyPatch, database_url: str) -> Callable[[list[str]], Result]:
    """Run commands in the project's folder against a database of this test's own, in English."""
    monkeypatch.setenv("GENGXIN_DATABASE_URL", database_url)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.chdir(ROOT)
    return lambda words: CliRunner().invoke(app, words)


def test_the_steps_of_the_readme_load_a_city(
    gengxin: Callable[[list[str]], Result], database: Database, tmp_path: Path
) -> None:
    here = {name: str(tmp_path / name) for name in ("example.xlsx", "example.gpkg")}
    for words in commands(READMES[0]):
        done = gengxin([here.get(word, word) for word in words])
        assert done.exit_code == 0, (words, done.stderr)
    assert all(Path(file).exists() for file in here.values())
    assert asked(database, "SELECT count(*) FROM building") == [(30,)]
    assert asked(database, "SELECT count(*), count(boundary), count(exit_reason) FROM project") == [(6, 3, 1)]
    assert asked(database, "SELECT count(*) FROM register_notice") == [(2,)]


def test_the_errors_that_the_formats_page_shows_are_those_printed(
    gengxin: Callable[[list[str]], Result],
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for words in commands(READMES[0])[:3]:
        gengxin(words)
    page = ROOT / "docs/formats.md"
    bodies = [body for _, body in BLOCK.findall(text_of(page))]
    bad = next(body for body in bodies if "三亿" in body and body.startswith("项目编号"))
    shown = next(body for body in bodies if body.startswith("gengxin: bad.csv"))
    (tmp_path / "bad.csv").write_text(bad, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (words,) = [words for words in inline_commands(page) if "bad.csv" in words]
    done = gengxin(words)
    assert done.exit_code == 1
    assert done.stderr.split() == shown.split()
    assert asked(database, "SELECT count(*) FROM register_notice") == [(0,)]
