"""Small layers of an invented town, written in each format, for tests of imports."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from app.services.imports.layers import LayerReport, Options, import_layer
from data.faults import LayerInvalid
from data.session import Database

X, Y, SIDE = 114.0, 34.7, 0.001


def square(column: int, row: int = 0) -> shapely.Polygon:
    x, y = X + column * 2 * SIDE, Y + row * 2 * SIDE
    return shapely.box(x, y, x + SIDE, y + SIDE)


def bow_tie() -> shapely.Polygon:
    return shapely.Polygon([(X, Y), (X + SIDE, Y + SIDE), (X + SIDE, Y), (X, Y + SIDE)])


def frame(shapes: list[shapely.Geometry | None], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def buildings() -> gpd.GeoDataFrame:
    return frame(
        [square(0), square(1), square(2)],
        编号=["B1", "B2", None], 层数=[6, None, 18], 建筑用途=["住宅", "office", None],
        建筑面积=[1.5, 2.0, None],
    ).rename(columns={"建筑面积": "建筑面积（公顷）"})  # fmt: skip


def load(town: Database, path: Path, kind: str = "buildings", **options: object) -> LayerReport:
    given = Options(**options)  # type: ignore[arg-type]
    return import_layer(town, path, kind=kind, city="town", actor="test", options=given)


def faults(town: Database, path: Path, kind: str = "buildings", **options: object) -> LayerInvalid:
    with pytest.raises(LayerInvalid) as caught:
        load(town, path, kind, **options)
    return caught.value


def written(folder: Path, layer: gpd.GeoDataFrame, suffix: str) -> Path:
    path = folder / f"layer{suffix}"
    if suffix == ".parquet":
        layer.to_parquet(path)
    elif suffix == ".zip":
        layer.to_file(folder / "layer.shp", encoding="GBK")
        (folder / "layer.cpg").unlink(missing_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            for part in folder.glob("layer.[sdp]*"):
                archive.write(part, part.name)
    else:
        layer.to_file(path)
    return path
