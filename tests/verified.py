"""Figures that somebody else published, beside ours: asserted, and listed for docs/verification.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

BEGIN = "<!-- what follows is written by `make verify` -->"
HEADINGS = ("Figure", "Source", "Expected", "Ours", "Difference")


class Row(NamedTuple):
    """One figure."""

    figure: str
    source: str
    expected: float
    ours: float


ROWS: list[Row] = []


def verified(figure: str, source: str, expected: float, ours: float, *, rel: float = 0.0, abs: float = 0.0):  # noqa: A002
    """Assert that our figure is the expected one within a tolerance, and list both."""
    ROWS.append(Row(figure, source, float(expected), float(ours)))
    assert ours == pytest.approx(expected, rel=rel, abs=abs), figure


def all_verified(
    figure: str, source: str, expected: Mapping[str, float], ours: Mapping[str, float], **tolerance: float
):
    """``verified`` for figures by name."""
    assert set(ours) == set(expected)
    for name, value in expected.items():
        verified(f"{figure}, {name}", source, value, ours[name], **tolerance)


def write_table(file: Path) -> None:
    """Write the listed figures below the mark in a Markdown file."""
    lines = [" | ".join(("", *HEADINGS, "")).strip(), "|" + "---|" * len(HEADINGS)]
    lines += [
        f"| {row.figure} | {row.source} | {row.expected:.12g} | {row.ours:.12g} | {_difference(row)} |"
        for row in sorted(set(ROWS))
    ]
    head = file.read_text(encoding="utf-8").partition(BEGIN)[0]
    file.write_text(f"{head}{BEGIN}\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _difference(row: Row) -> str:
    difference = abs(row.ours - row.expected)
    return "0" if difference == 0 else f"{difference:.1e}"
