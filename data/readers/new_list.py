"""A notice's list of new entries 新增入库项目清单, matched with its register."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from data.errors import N_, RegisterInvalid, RowError
from data.readers.register import Register


def match_new_list(register: Register, listed: Register) -> pd.Series:
    """Tell which rows of a register its list of new entries (新增入库项目清单) names.

    Raises
    ------
    RegisterInvalid
        An entry of the list is not in the register, or differs from it in name, amount or area.
    """
    errors = list(_differences(register.frame, listed.frame))
    marked = register.frame["code"].isin(listed.frame["code"])
    if register.prints_new:
        errors += _contradictions(register.frame[marked != register.frame["printed_as_new"]])
    if errors:
        raise RegisterInvalid(errors, listed.file)
    return marked


def _differences(rows: pd.DataFrame, listed: pd.DataFrame) -> Iterator[RowError]:
    both = listed.reset_index(names="row").merge(rows, on="code", how="left", suffixes=("", "_there"))
    absent = both["name_there"].isna()
    for row, code in both.loc[absent, ["row", "code"]].itertuples(index=False):
        yield RowError(
            row,
            "code",
            code,
            N_("The register does not have this project."),
            N_("Correct the code, or take it out of the list."),
        )
    for name in ("name", "amount", "area"):
        yield from _differing(both[~absent & (both[name] != both[f"{name}_there"])].dropna(subset=name), name)


def _differing(rows: pd.DataFrame, name: str) -> Iterator[RowError]:
    for row, here, there in rows[["row", name, f"{name}_there"]].itertuples(index=False):
        yield RowError(
            row,
            name,
            str(here),
            N_("The register prints «{there}»."),
            N_("Both lists belong to one notice; correct one of them."),
            {"there": there},
        )


def _contradictions(rows: pd.DataFrame) -> list[RowError]:
    return [
        RowError(
            row,
            "printed_as_new",
            code,
            N_("The register's own column and the list of new entries disagree."),
            N_("Correct one of them."),
        )
        for row, code in zip(rows.index.tolist(), rows["code"], strict=True)
    ]
