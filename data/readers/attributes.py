"""A table of attributes beside a layer: joined to its features by a field that both have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from data.errors import N_, InvalidInput, UnreadableFile
from data.faults import Faults, LayerInvalid
from data.readers.cells import as_text
from data.readers.fields import Plan, typed
from data.readers.table import read_table


@dataclass(frozen=True)
class Attributes:
    """The rows of a table of attributes, and the field that says which feature each belongs to."""

    frame: pd.DataFrame
    on: str
    file: str


def read_attributes(path: Path, on: str) -> Attributes:
    """Read a table of attributes from CSV, XLSX or Parquet.

    Raises
    ------
    UnreadableFile, UnsupportedFormat, EmptyFile, InvalidInput
    """
    frame = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_text(path)
    require_key(list(map(str, frame.columns)), on, path.name)
    return Attributes(frame, on, path.name)


def require_key(columns: Sequence[str], on: str, file: str) -> None:
    """Refuse a file in which the field that both files should have does not stand just once.

    Raises
    ------
    InvalidInput
    """
    if columns.count(on) != 1:
        raise InvalidInput(
            N_("There is no single column «{on}»; the file has: {found}."),
            where=N_("{file}:"),
            remedy=N_("Name the field that both files have (--on FIELD)."),
            on=on,
            found=", ".join(columns) or "-",
            file=file,
        )


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        raise UnreadableFile(
            N_("{file}: It cannot be read: {reason}"),
            remedy=N_("Export it again."),
            file=path.name,
            reason=error,
        ) from error
    return frame.set_index(pd.RangeIndex(1, len(frame) + 1))


def _read_text(path: Path) -> pd.DataFrame:
    table = read_table(path)
    faults = Faults()
    faults.add_errors(table.errors)
    if faults.count:
        raise LayerInvalid(faults, path.name, len(table.frame))
    return table.frame.set_axis(table.header, axis=1)


def by_key(attributes: Attributes, plan: Plan) -> pd.DataFrame:
    """Return the typed fields of the table, one row a key, with ``rows``: how many rows it stands for.

    Of several rows, quantities that add up are summed; others are kept where all rows agree, else unknown.

    Raises
    ------
    LayerInvalid
        Cells cannot be used.
    """
    faults = Faults()
    fields = typed(attributes.frame, plan, faults)
    if faults.count:
        raise LayerInvalid(faults, attributes.file, len(fields))
    keys = as_text(attributes.frame[attributes.on])
    groups = fields.groupby(keys)
    found = {name: _one(groups[name], plan.kind.field(name).extensive) for name in map(str, fields.columns)}
    return pd.DataFrame({**found, "rows": groups.size()})


def _one(group: Any, extensive: bool) -> pd.Series:
    found: pd.Series = group.sum(min_count=1) if extensive else group.first().where(group.nunique() == 1)
    return found
