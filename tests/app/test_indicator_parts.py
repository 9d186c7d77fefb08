"""Finished parts of a run: alone in their folder, whole or not there, gone when the run is stored."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pandas as pd

from app.services.indicators.parts import Parts, kept_parts, key_of

TABLE = pd.DataFrame({"value": [0.1, float("nan")], "name": ["a", None]})


def interrupted(home: Path, key: str = "k") -> None:
    with suppress(KeyboardInterrupt), kept_parts(home, "town.district", key) as parts:
        parts.save("one", TABLE)
        raise KeyboardInterrupt


def folders(home: Path) -> set[str]:
    return {folder.name for folder in (home / "indicators").iterdir()}


def test_parts_outlive_an_interruption_and_not_the_end(tmp_path: Path) -> None:
    interrupted(tmp_path)
    with kept_parts(tmp_path, "town.district", "k") as parts:
        pd.testing.assert_frame_equal(parts.load("one"), TABLE)
        assert parts.load("two") is None
    assert folders(tmp_path) == set()


def test_a_damaged_part_is_not_there(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    parts.save("one", TABLE)
    (tmp_path / "one.parquet").write_bytes(b"PAR1 half")
    assert parts.load("one") is None


def test_two_runs_at_a_time_never_share_a_folder(tmp_path: Path) -> None:
    with kept_parts(tmp_path, "town.district", "k") as first:
        first.save("one", TABLE)
        with kept_parts(tmp_path, "town.district", "k") as second:
            assert second.folder != first.folder
            assert second.load("one") is None
        assert first.load("one") is not None


def test_what_abandoned_runs_left_goes_but_not_what_others_use(tmp_path: Path) -> None:
    interrupted(tmp_path, "abandoned")
    interrupted(tmp_path, "k")
    with kept_parts(tmp_path, "town.district", "used"), kept_parts(tmp_path, "town.district", "k"):
        pass
    assert folders(tmp_path) == set()
    with kept_parts(tmp_path, "town.district", "used"):
        with kept_parts(tmp_path, "town.district", "k"):
            pass
        assert folders(tmp_path) == {"town.district.used"}


def test_parts_of_other_cities_stay(tmp_path: Path) -> None:
    interrupted(tmp_path)
    with kept_parts(tmp_path, "town.zone", "k"), kept_parts(tmp_path, "village.district", "k"):
        pass
    assert folders(tmp_path) == {"town.district.k"}


def test_without_a_folder_that_can_be_written_parts_are_temporary(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for home in (None, tmp_path / "file"):
        with kept_parts(home, "town.district", "k") as parts:
            parts.save("one", TABLE)
            assert parts.load("one") is not None
        assert not parts.folder.exists()


def test_the_key_follows_everything_and_not_its_order() -> None:
    assert key_of(a=1, b={"x": 1, "y": 2}) == key_of(b={"y": 2, "x": 1}, a=1)
    assert key_of(a=1) != key_of(a=2)
