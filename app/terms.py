"""The names of codes in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.i18n import language
from data.codes import Term


def term(terms: Mapping[str, Term], code: str | None) -> str | None:
    """Return the name of a code; a code that the list does not hold stands for itself, None for None."""
    if code is None:
        return None
    named = terms.get(code)
    if named is None:
        return code
    return named.zh if language() == "zh_CN" else named.en


def options(terms: Mapping[str, Term], used: Collection[str]) -> list[dict[str, str]]:
    """Return the codes that are used as choices of a control, in the list's order."""
    return [{"value": code, "label": str(term(terms, code))} for code in terms if code in used]
