"""What the page on formats says about imports is what the readers know."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from data.faults import Faults
from data.kinds import LAYER_KINDS, LIST_KINDS, Kind
from data.models import Base
from data.readers.columns import normal
from data.readers.fields import Wishes, plan_reading, typed

PAGE = (Path(__file__).resolve().parents[2] / "docs/formats.md").read_text(encoding="utf-8")
KINDS = {**LAYER_KINDS, **LIST_KINDS}
EXAMPLES = dict(re.findall(r"^(\w+) +(\{.*\})$", PAGE, re.MULTILINE))
LISTS = {
    kind: block
    for kind, mark in (("investments", "资金来源"), ("stages", "阶段,日期"), ("progress", "填报进度"))
    for block in re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    if mark in block
}


def example(kind: str) -> pd.DataFrame:
    """The row that the page shows for a kind, by row number."""
    rows = (
        [json.loads(EXAMPLES[kind])] if kind in EXAMPLES else list(csv.DictReader(LISTS[kind].splitlines()))
    )
    return pd.DataFrame(rows, index=range(1, len(rows) + 1))


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_page_names_every_field_of_a_kind_and_no_other(kind: Kind) -> None:
    (row,) = re.findall(rf"^\| `gengxin import {kind.name}` \|(.*)$", PAGE, re.MULTILINE)
    assert set(re.findall(r"`([a-z_]+)`", row)) == {one.name for one in kind.fields}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_row_that_the_page_shows_is_read_whole_and_without_a_fault(kind: Kind) -> None:
    frame, faults = example(kind.name), Faults()
    plan = plan_reading(kind, list(frame.columns), Wishes(), "page")
    assert set(plan.columns.values()) == set(frame.columns)
    read = typed(frame, plan, faults)
    assert faults.summary == ()
    assert read.notna().all(axis=None)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_field_has_its_column_and_headings_in_the_form_in_which_they_are_compared(kind: Kind) -> None:
    beside = {"districts", "stage", "stage_date", "projects", "project"}
    assert {one.name for one in kind.fields} - set(Base.metadata.tables[kind.table].columns.keys()) <= beside
    for one in kind.fields:
        assert [normal(heading) for heading in one.headings] == list(one.headings)
