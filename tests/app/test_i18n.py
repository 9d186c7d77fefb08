"""Every text that a person reads is in both languages, with the same fields."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.i18n import LOCALE, gettext, preferred, use_language

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}


def used_messages() -> set[str]:
    found: set[str] = set()
    for folder in ("app", "data", "gis"):
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, [("**.py", "python")], keywords=KEYWORDS
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found - {""}


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    with (LOCALE / "zh_CN" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale="zh_CN")


def fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def test_every_message_has_a_chinese_text(chinese: Catalog) -> None:
    missing = [
        message for message in used_messages() if not (chinese.get(message) and chinese[message].string)
    ]
    assert sorted(missing) == []


def test_no_translation_is_left_over(chinese: Catalog) -> None:
    singulars = {
        message.id if isinstance(message.id, str) else message.id[0] for message in chinese if message.id
    }
    assert sorted(singulars - used_messages()) == []


def test_translations_keep_the_fields(chinese: Catalog) -> None:
    changed = []
    for message in chinese:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        original = message.id if isinstance(message.id, str) else message.id[0]
        changed += [original for text in texts if message.id and fields(text) != fields(original)]
    assert changed == []


def test_no_translation_is_uncertain(chinese: Catalog) -> None:
    assert [message.id for message in chinese if message.id and message.fuzzy] == []


def test_a_message_is_chinese_where_the_reader_is() -> None:
    use_language("zh_CN")
    assert gettext("Overview") == "总览"
    use_language("en")
    assert gettext("Overview") == "Overview"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh_CN"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr-FR,en;q=0.5", "en"),
        ("fr-FR", "zh_CN"),
        ("", "zh_CN"),
    ],
)
def test_the_browsers_language_is_followed(header: str, expected: str) -> None:
    assert preferred(header, "zh_CN") == expected


def chinese_texts(path: Path) -> set[str]:
    """String constants with Chinese letters, docstrings apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
        and re.search(r"[\u4e00-\u9fff]", node.value)
    }


NAMES = {"更新", "中文", "Gengxin 更新"}


def test_no_chinese_text_is_written_past_the_catalogue() -> None:
    shown = [path for folder in ("pages", "components") for path in (ROOT / "app" / folder).rglob("*.py")]
    assert {path.name: chinese_texts(path) - NAMES for path in shown if chinese_texts(path) - NAMES} == {}
