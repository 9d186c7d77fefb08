"""What is wrong with the rows of a file, counted in full and kept in part: a million rows may be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import N_, ROWS_SHOWN, RowError, RowsInvalid

KEPT = 100
# What each kind of fault is called in a count of them.
LABELS = {
    "missing_value": N_("value missing"),
    "not_a_number": N_("not a number"),
    "out_of_range": N_("number out of range"),
    "not_a_date": N_("not a date"),
    "not_a_flag": N_("neither yes nor no"),
    "not_an_amount": N_("not an amount of money"),
    "not_text": N_("unusable text"),
    "unknown_code": N_("not in the code list"),
    "duplicate_code": N_("duplicate code"),
    "stored_code": N_("code already stored"),
    "unknown_project": N_("unknown project"),
    "unknown_district": N_("unknown district"),
    "contradiction": N_("contradiction"),
    "missing_shape": N_("no geometry"),
    "wrong_type": N_("wrong geometry type"),
    "broken_shape": N_("unreadable geometry"),
    "invalid_shape": N_("invalid geometry"),
    "no_length": N_("edge without length"),
    "elsewhere": N_("outside the area"),
    "row": N_("malformed row"),
}


class Faults:
    """The faults of one file. ``first`` holds some of each sort, ``counts`` all of them by kind."""

    def __init__(self) -> None:
        self._first: list[RowError] = []
        self.counts: Counter[str] = Counter()
        self._kept: Counter[tuple[str, str]] = Counter()
        self._rows: list[NDArray[np.int64]] = []

    def add(  # noqa: PLR0913, PLR0917
        self,
        kind: str,
        field: str,
        rows: Iterable[int],
        shown: Iterable[object],
        what: str,
        remedy: str,
        values: Sequence[dict[str, Any]] | dict[str, Any] | None = None,
    ) -> None:
        """Add one fault for each row; ``shown`` is what stands there, ``values`` fills the templates."""
        found = np.fromiter(rows, np.int64)
        if not len(found):
            return
        self.counts[kind] += len(found)
        self._rows.append(found)
        room = max(KEPT - self._kept[kind, field], 0)
        self._kept[kind, field] += min(room, len(found))
        texts = zip(found[:room].tolist(), shown, range(room), strict=False)
        for row, text, place in texts:
            filled = values[place] if isinstance(values, Sequence) else values
            self._first.append(RowError(row, field, str(text), what, remedy, filled or {}))

    def add_errors(self, errors: Iterable[RowError], kind: str = "row") -> None:
        """Add errors that a reader has found."""
        for error in errors:
            values = dict(error.values)
            self.add(kind, error.field, [error.row], [error.value], error.what, error.remedy, values)

    def take_rows(self) -> NDArray[np.int64]:
        """Return the rows with faults since the last call, each once."""
        taken = np.unique(np.concatenate(self._rows)) if self._rows else np.empty(0, np.int64)
        self._rows = []
        return taken

    @property
    def first(self) -> list[RowError]:
        """Some of each sort, by row."""
        return sorted(self._first, key=lambda one: one.row)

    @property
    def count(self) -> int:
        """Number of all faults."""
        return self.counts.total()

    @property
    def summary(self) -> tuple[tuple[str, int], ...]:
        """The label of each kind of fault and how many there are, the most frequent first."""
        return tuple((LABELS[kind], count) for kind, count in self.counts.most_common())


class LayerInvalid(RowsInvalid):
    """Rows of a layer or list cannot be used; nothing was written."""

    def __init__(self, faults: Faults, file: str, rows: int) -> None:
        super().__init__(faults.first, file)
        self.counts = dict(faults.counts)
        self.summary = faults.summary
        self.what = N_("{count} faults in {total} rows ({summary}), nothing was imported: {faults}{more}")
        shown = min(len(self.rows), ROWS_SHOWN)
        self.values |= {
            "count": faults.count,
            "total": rows,
            "summary": ", ".join(f"{count} × {label}" for label, count in faults.summary),
            "more": f" … +{faults.count - shown}" if faults.count > shown else "",
        }
