"""Names in the reader's language: of codes, and of what the database holds in both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import RowMapping

from app.i18n import language
from data.codes import Term

Row = Mapping[str, Any] | RowMapping


def term(terms: Mapping[str, Term], code: str | None) -> str | None:
    """Return the name of a code; a code that the list does not hold stands for itself, None for None."""
    if code is None:
        return None
    return worded(terms[code]) if code in terms else code


def worded(known: Term) -> str:
    """Return the name of a term."""
    return known.zh if language() == "zh_CN" else known.en


def localised(stem: str) -> str:
    """Return which of the columns ``STEM_zh`` and ``STEM_en`` is in the reader's language."""
    return f"{stem}_zh" if language() == "zh_CN" else f"{stem}_en"


def named(row: Row) -> str:
    """Return the name of a city or a district."""
    return str(row[localised("name")])


def translated(row: Row, column: str) -> str:
    """Return a text that has an English column ``COLUMN_en`` beside it, where the source gives one."""
    return str(row[column] if language() == "zh_CN" else row[f"{column}_en"] or row[column])


def joined(names: Iterable[str]) -> str:
    """Return names as a list in a line."""
    return ("、" if language() == "zh_CN" else ", ").join(names)


def options(terms: Mapping[str, Term], used: Collection[str]) -> list[dict[str, str]]:
    """Return the codes that are used as choices of a control, in the list's order."""
    return [{"value": code, "label": str(term(terms, code))} for code in terms if code in used]
