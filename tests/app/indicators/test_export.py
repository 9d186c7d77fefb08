"""The export of what the page of indicators shows."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import requests

from app.services.exports.layers import FILES
from app.services.indicators import page as indicator_page
from app.services.indicators.export import plan_indicator_export, write_indicator_file
from app.services.indicators.page import ordered
from data.errors import NotFound, UnsupportedFormat
from data.session import Database
from tests.app.indicators.asked import SLUG, page


@pytest.mark.parametrize("kind", FILES)
def test_every_format_holds_the_rows_of_the_table(standing: Database, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"i.{kind}"
    asked = {"indicator": "road_density", "sort": "value.asc"}
    assert write_indicator_file(standing, SLUG, path, asked, "en") == 2
    found = _read(path, kind)
    shown = ordered(page(standing, **asked), "value.asc", "unit_name_en")
    assert found["code"].tolist() == shown["unit_code"].tolist() == ["B", "A"]
    for name in ("value", "numerator"):
        assert found[name].tolist() == pytest.approx(shown[name].tolist())
    assert found["verdict"].tolist() == ["fail", "fail"]
    assert found["data"].tolist() == ["synthetic", "synthetic"]
    assert found["run"].nunique() == 1


def _read(path: Path, kind: str) -> pd.DataFrame:
    if kind == "parquet":
        return gpd.read_parquet(path)
    if kind in {"csv", "xlsx"}:
        return pd.read_csv(path) if kind == "csv" else pd.read_excel(path)
    if kind == "shp.zip":
        return gpd.read_file(f"zip://{path}!indicators.shp").rename(columns={"denominato": "denominator"})
    return gpd.read_file(path, layer="indicators")


def test_an_export_of_a_comparison_holds_both(standing: Database, tmp_path: Path) -> None:
    asked = {"indicator": "renewal_coverage", "basis": "area", "basis2": "floor_area"}
    write_indicator_file(standing, SLUG, tmp_path / "i.csv", asked, "en")
    found = pd.read_csv(tmp_path / "i.csv").set_index("code")
    rows = indicator_page.compared(page(standing, **asked)).set_index("unit_code")
    assert found["other"].tolist()[:1] == rows["other"].tolist()[:1] == [100.0]
    assert found["difference"].tolist()[0] == pytest.approx(95.0)


def test_an_export_leaves_unknown_cells_empty_and_says_why(standing: Database, tmp_path: Path) -> None:
    write_indicator_file(standing, SLUG, tmp_path / "i.csv", {"indicator": "greenway_coverage"}, "en")
    found = pd.read_csv(tmp_path / "i.csv")
    assert found[["value", "numerator", "denominator"]].isna().all(axis=None)
    assert set(found["missing"]) == {"greenways"}


def test_an_export_says_where_it_comes_from(standing: Database) -> None:
    planned = plan_indicator_export(standing, SLUG, {"indicator": "road_density"})
    said = planned.words(2).readme()
    for part in (
        planned.first.run["inputs_hash"],
        planned.first.run["code_version"],
        "SYNTHETIC",
        "8 km/km²",
    ):
        assert part in said
    assert planned.file_name("csv").startswith("small-synthetic-road_density-district-")


def test_an_export_of_what_is_not_there_says_so(standing: Database, reading: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not been computed"):
        write_indicator_file(standing, SLUG, tmp_path / "i.csv", {"units": "grid"}, "en")
    with pytest.raises(UnsupportedFormat):
        write_indicator_file(standing, SLUG, tmp_path / "i.doc", {}, "en")
    assert list(tmp_path.glob("i.*")) == []
    url = f"{reading}/export/indicators.csv?city={SLUG}"
    assert requests.get(f"{url}&units=grid", timeout=30).status_code == 404
    assert requests.get(f"{reading}/export/indicators.doc?city={SLUG}", timeout=30).status_code == 415
    good = requests.get(url, timeout=30)
    assert (good.status_code, len(good.text.splitlines())) == (200, 3)
