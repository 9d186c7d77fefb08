"""Texts in the reader's language: English in the source, Chinese from ``locale/zh_CN``."""

from __future__ import annotations

import io
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"zh_CN": "中文", "en": "English"}
LOCALE = Path(__file__).parent / "locale"
_language: ContextVar[str] = ContextVar("language", default="zh_CN")


def language() -> str:
    """Return the language of the request that is being answered."""
    return _language.get()


def use_language(name: str) -> None:
    """Answer in this language from here on, in this request only."""
    _language.set(name)


def gettext(message: str) -> str:
    """Translate an English text into the reader's language."""
    return _catalogue(language()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate a text whose form depends on a count."""
    return _catalogue(language()).ngettext(singular, plural, count)


def preferred(accept_language: str, default: str) -> str:
    """Choose among our languages by a browser's ``Accept-Language`` header."""
    for part in accept_language.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh_CN"
        if tag.startswith("en"):
            return "en"
    return default


@lru_cache
def _catalogue(name: str) -> NullTranslations:
    path = LOCALE / name / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=name))
    compiled.seek(0)
    return GNUTranslations(compiled)
