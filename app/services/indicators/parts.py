"""Finished parts of a run 断点续算: on disk, so that memory is bounded and an interrupted run can go on."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pandas as pd
import pyarrow as pa


@dataclass(frozen=True)
class Parts:
    """The folder of one run, which no other process uses meanwhile."""

    folder: Path

    def load(self, name: str) -> pd.DataFrame | None:
        """Return a finished part, or None; one that cannot be read is computed again."""
        try:
            return pd.read_parquet(self._file(name))
        except (FileNotFoundError, pa.ArrowException):
            return None

    def save(self, name: str, values: pd.DataFrame) -> None:
        """Keep a finished part; it is there whole or not at all."""
        file = self._file(name)
        unfinished = file.with_suffix(f".{uuid4().hex[:8]}")
        values.to_parquet(unfinished)
        unfinished.replace(file)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"


@contextmanager
def kept_parts(home: Path | None, owner: str, key: str) -> Iterator[Parts]:
    """Lend the parts of a run; they stay if the block fails, and are removed when it ends.

    Parameters
    ----------
    home
        The folder of Gengxin's data. Where there is none, where it cannot be written, and while another
        process does the same run, the parts are in a temporary folder and nothing outlives a failure.
    owner
        City and kind of unit; parts that other runs of these left behind are removed too.
    key
        Names all that the values depend on: see ``key_of``.
    """
    base = home / "indicators" if home else None
    with _held(base / f"{owner}.{key[:32]}" if base else None) as folder:
        if base is None or folder is None:
            with TemporaryDirectory(prefix="gengxin-") as temporary:
                yield Parts(Path(temporary))
            return
        yield Parts(folder)
        shutil.rmtree(folder, ignore_errors=True)
        for other in base.glob(f"{owner}.*"):
            with _held(other) as abandoned:
                if abandoned is not None:
                    shutil.rmtree(abandoned, ignore_errors=True)


def key_of(**everything: object) -> str:
    """Name what the values of a run depend on."""
    return hashlib.sha256(json.dumps(everything, sort_keys=True, default=_plain).encode()).hexdigest()


@contextmanager
def _held(folder: Path | None) -> Iterator[Path | None]:
    """Lend a folder that is made where it is not there; None where it cannot be had alone."""
    handle = None if folder is None else _opened(folder)
    try:
        yield folder if handle is not None else None
    finally:
        if handle is not None:
            os.close(handle)


def _opened(folder: Path) -> int | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another process may have removed the folder between the opening and the lock.
        if os.access(folder, os.W_OK) and os.path.samestat(os.fstat(handle), folder.stat()):
            return handle
    except OSError:
        pass
    os.close(handle)
    return None


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)
