"""A threshold 阈值 as a document states it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Threshold:
    """What a document asks of an indicator, and how strongly.

    ``low`` and ``high`` are in ``unit``, that of the indicator. ``jurisdiction`` is ``national``, a province
    or a city by its Chinese name; ``scope`` the ground that is meant. ``modal`` is the word of the text where
    it gives one. ``override`` says whether a city's own threshold may only be stricter.
    """

    indicator: str
    jurisdiction: str
    scope: str
    operator: str
    low: float | None
    high: float | None
    unit: str
    strength: str
    document: str
    subject: str = ""
    year: int | None = None
    modal: str = ""
    override: str = "free"
    document_no: str = ""
    document_date: str = ""
    clause: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    def digest(self, city: str = "") -> str:
        """Name the content; a city's own threshold has another name than the same one of a document."""
        content = json.dumps([city, asdict(self)], ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()

    def in_force(self, day: dt.date) -> bool:
        """Whether the threshold is valid on a day; the last day is not part of its time."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)
