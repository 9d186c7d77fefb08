"""Which codes of a layer were met already, in the file or in the database, in a few bytes for each."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.errors import N_
from data.faults import Faults

STORED = 0


class SeenCodes:
    """Codes by hash with the row where each stood first; row 0 stands for the database."""

    def __init__(self, stored: pd.Series[str]) -> None:
        self._hashes = np.sort(_hashes(stored))
        self._rows = np.full(len(self._hashes), STORED)

    def check(self, codes: pd.Series[str], faults: Faults) -> None:
        """Report codes (text or NA, by row number) that came before, and remember the others."""
        given = codes.dropna()
        hashes = _hashes(given)
        at = np.searchsorted(self._hashes, hashes)
        before = (
            self._hashes.take(at, mode="clip") == hashes if len(self._hashes) else np.zeros(len(at), bool)
        )
        first = pd.Series(given.index.to_numpy()).groupby(hashes).transform("first").to_numpy()
        rows = first.copy()
        if before.any():
            rows[before] = self._rows[at[before]]
        again = before | (first != given.index.to_numpy())
        self._report(given[again], rows[again], faults)
        self._remember(hashes[~again], given.index.to_numpy()[~again])

    @staticmethod
    def _report(codes: pd.Series[str], first: NDArray[np.int64], faults: Faults) -> None:
        stored = first == STORED
        what, remedy = N_("The city has it already."), N_("Leave it out, or import with --replace.")
        faults.add("stored_code", "code", codes.index[stored], codes[stored], what, remedy)
        values = [{"first": int(row)} for row in first[~stored]]
        what = N_("The code is already in row {first}.")
        remedy = N_("Correct one of them; a placeholder is no code (--value code:PLACEHOLDER=).")
        faults.add("duplicate_code", "code", codes.index[~stored], codes[~stored], what, remedy, values)

    def _remember(self, hashes: NDArray[np.uint64], rows: NDArray[np.int64]) -> None:
        merged = np.concatenate([self._hashes, hashes])
        order = np.argsort(merged, kind="stable")
        self._hashes, self._rows = merged[order], np.concatenate([self._rows, rows])[order]


def _hashes(codes: pd.Series[str]) -> NDArray[np.uint64]:
    return pd.util.hash_array(codes.to_numpy(dtype=object), categorize=False)
