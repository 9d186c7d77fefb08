"""Files of features that may be large: read a bounded number of rows at a time, in file order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyarrow import parquet
from pyproj import CRS
from pyproj.exceptions import CRSError

from data.errors import N_, EmptyFile, GengxinError, Note, UnreadableFile, UnsupportedFormat
from data.readers.archive import Limits, require_size
from data.readers.polygons import read_polygons
from data.readers.shapefile import unpack
from data.readers.vector import NoGeometry, defined, gdal, geopackage_layer

PART = 50_000
# On the command line a file is the user's own; a whole city's buildings are some 2 GB as GeoJSON.
LARGE = Limits(file_bytes=8 * 2**30, unpacked_bytes=8 * 2**30)
READ_WHOLE = 64 * 2**20
ENDS = 64 * 2**10
DECLARED_CRS = re.compile(rb'"crs"\s*:\s*\{.{0,200}?"name"\s*:\s*"([^"]+)"', re.DOTALL)
STARTS = {".gpkg": b"SQLite format 3\x00", ".zip": b"PK", ".parquet": b"PAR1", ".geoparquet": b"PAR1"}
INTEGERS = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.int16(): pd.Int16Dtype()}
BINARY = (pa.binary(), pa.large_binary(), pa.binary_view())
FORMATS = (".gpkg", ".parquet", ".geoparquet", ".geojson", ".json", ".zip")


class Part(NamedTuple):
    """Some features of a file, by row number from 1; ``broken`` marks shapes that could not be built."""

    frame: gpd.GeoDataFrame
    broken: NDArray[np.bool_]


@dataclass(frozen=True)
class FeatureFile:
    """An open file of features.

    Attributes
    ----------
    columns
        Names of the attributes.
    crs, declared_crs
        The CRS that the file declares, and the name of one that no registry knows.
    count
        Number of features.
    parts
        Reads them, at most so many at a time.
    """

    name: str
    columns: tuple[str, ...]
    crs: CRS | None
    count: int
    parts: Callable[[int], Iterator[Part]]
    declared_crs: str | None = None
    notes: list[Note] = field(default_factory=list)


@contextmanager
def open_features(path: Path, *, layer: str | None = None, limits: Limits = LARGE) -> Iterator[FeatureFile]:
    """Open a GeoPackage, GeoParquet, GeoJSON or zipped Shapefile.

    Raises
    ------
    UnsupportedFormat, SeveralLayers, EmptyFile, NoGeometry, FileTooLarge, UnsafeArchive, UnreadableFile
        Here or while it is read.
    """
    try:
        reader = _reader(path, limits)
        with TemporaryDirectory(prefix="gengxin-import-") as folder:
            file = reader(path, Path(folder), layer, limits)
            if not file.count:
                raise EmptyFile(N_("It holds no features."), remedy=N_("Export the layer again."))
            yield file
    except GengxinError as error:
        if not error.where:
            error.where = N_("{file}:")
            error.values["file"] = path.name
        raise


def _reader(path: Path, limits: Limits) -> Callable[[Path, Path, str | None, Limits], FeatureFile]:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UnsupportedFormat(
            N_("Files of type «{suffix}» are not read."),
            remedy=N_("Use GeoPackage (.gpkg), GeoParquet (.parquet), GeoJSON or a zipped Shapefile (.zip)."),
            suffix=suffix,
        )
    start = _start(path, limits)
    if not start.startswith(STARTS.get(suffix, b"")) or (suffix not in STARTS and _is_binary(start)):
        raise UnreadableFile(
            N_("The content is not that of a {suffix} file."),
            remedy=N_("Export it again in the format its name says."),
            suffix=suffix,
        )
    if suffix == ".gpkg":
        return _open_geopackage
    if suffix == ".zip":
        return _open_shapefile
    return _open_parquet if "parquet" in suffix else _open_geojson


def _start(path: Path, limits: Limits) -> bytes:
    try:
        require_size(path.stat().st_size, limits.file_bytes)
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise UnreadableFile(N_("It cannot be opened: {reason}."), reason=error.strerror) from error
    if not start:
        raise EmptyFile(N_("It is empty."), remedy=N_("Export it again."))
    return start


def _is_binary(start: bytes) -> bool:
    return any(start.startswith(known) for known in STARTS.values())


def _open_geopackage(path: Path, _: Path, layer: str | None, __: Limits) -> FeatureFile:
    return _through_gdal(path, path, geopackage_layer(path, layer), None)


def _open_shapefile(path: Path, folder: Path, layer: str | None, limits: Limits) -> FeatureFile:
    shapefile = unpack(path, folder, layer, limits)
    file = _through_gdal(path, shapefile.path, None, shapefile.encoding)
    file.notes.extend(shapefile.notes)
    return file


def _open_geojson(path: Path, _: Path, __: str | None, limits: Limits) -> FeatureFile:
    if path.stat().st_size <= READ_WHOLE:
        return _in_memory(path, read_polygons(path, limits=limits))
    file = _through_gdal(path, path, None, None)
    declared = _declared(path)
    if declared is None:
        return file
    try:
        crs = CRS.from_user_input(declared)
    except CRSError:
        return FeatureFile(file.name, file.columns, None, file.count, file.parts, declared, file.notes)
    return FeatureFile(file.name, file.columns, crs, file.count, file.parts, None, file.notes)


def _declared(path: Path) -> str | None:
    """Return what the ``crs`` member names, which stands before or after the features."""
    with path.open("rb") as file:
        start = file.read(ENDS)
        file.seek(-min(ENDS, path.stat().st_size), 2)
        found = DECLARED_CRS.search(start) or DECLARED_CRS.search(file.read())
    return found[1].decode("utf-8", "replace") if found else None


def _in_memory(path: Path, frame: gpd.GeoDataFrame) -> FeatureFile:
    notes, declared = frame.attrs.pop("notes", []), frame.attrs.pop("declared_crs", None)
    frame = frame.set_index(pd.RangeIndex(1, len(frame) + 1))
    columns = tuple(str(name) for name in frame.columns if name != frame.geometry.name)

    def parts(size: int) -> Iterator[Part]:
        for start in range(0, len(frame), size):
            some = frame.iloc[start : start + size]
            yield Part(some, np.zeros(len(some), bool))

    return FeatureFile(path.name, columns, frame.crs, len(frame), parts, declared, notes)


def _through_gdal(given: Path, path: Path, layer: str | None, encoding: str | None) -> FeatureFile:
    with gdal() as said:
        info = pyogrio.read_info(path, layer=layer, encoding=encoding, force_feature_count=True)
    if info["geometry_type"] is None:
        raise NoGeometry(N_("It holds rows but no shapes."), remedy=N_("Export the layer with its geometry."))
    crs = defined(CRS.from_user_input(info["crs"])) if info["crs"] else None
    notes = [Note(N_("On reading: {message}"), {"message": str(one.message)}) for one in said]

    def parts(size: int) -> Iterator[Part]:
        options = {"layer": layer, "encoding": encoding, "batch_size": size, "use_pyarrow": True}
        with gdal(), pyogrio.open_arrow(path, **options) as (meta, batches):
            yield from _parts(batches, meta["geometry_name"] or "wkb_geometry", crs)

    return FeatureFile(given.name, tuple(info["fields"]), crs, info["features"], parts, None, notes)


def _open_parquet(path: Path, _: Path, __: str | None, ___: Limits) -> FeatureFile:
    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(
            N_("It cannot be read: {reason}"), remedy=N_("Export it again."), reason=str(error)
        ) from error
    name, crs = _geometry_of(file)
    columns = tuple(column for column in file.schema_arrow.names if column not in {name, "bbox"})

    def parts(size: int) -> Iterator[Part]:
        try:
            yield from _parts(file.iter_batches(size, columns=[*columns, name]), name, crs)
        except (pa.ArrowException, OSError) as error:
            raise UnreadableFile(
                N_("It cannot be read: {reason}"), remedy=N_("Export it again."), reason=str(error)
            ) from error

    return FeatureFile(path.name, columns, crs, file.metadata.num_rows, parts)


def _geometry_of(file: parquet.ParquetFile) -> tuple[str, CRS | None]:
    """Return the geometry column and the CRS that the metadata of a GeoParquet name; none named is WGS84."""
    try:
        meta = json.loads((file.metadata.metadata or {})[b"geo"])
        name = str(meta["primary_column"])
        column: dict[str, Any] = dict(meta["columns"][name])
        stored = file.schema_arrow.field(name).type
    except (KeyError, ValueError, TypeError) as error:
        raise NoGeometry(
            N_("It is Parquet without the metadata of GeoParquet."),
            remedy=N_("Export the layer as GeoParquet, with its geometry."),
        ) from error
    if column.get("encoding") != "WKB" or stored not in BINARY:
        raise UnsupportedFormat(
            N_("Its geometry is stored as «{encoding}» in a column of {type}, not as WKB."),
            remedy=N_("Export it as GeoParquet 1.0."),
            encoding=column.get("encoding"),
            type=stored,
        )
    declared = column.get("crs", "OGC:CRS84")
    try:
        return name, None if declared is None else defined(CRS.from_user_input(declared))
    except CRSError as error:
        raise UnreadableFile(
            N_("Its coordinate system cannot be read."), remedy=N_("Export it again.")
        ) from error


def _parts(batches: Any, geometry: str, crs: CRS | None) -> Iterator[Part]:
    """Turn Arrow batches into numbered frames."""
    row = 1
    for batch in batches:
        if not batch.num_rows:
            continue
        table = _in_utf8(pa.Table.from_batches([batch]))
        stored = table[geometry].to_numpy()
        with np.errstate(invalid="ignore"):
            shapes = shapely.from_wkb(stored, on_invalid="ignore")
        given = np.array([one is not None for one in stored], bool)
        plain = table.drop_columns([geometry]).to_pandas(types_mapper=INTEGERS.get, ignore_metadata=True)
        plain.index = pd.RangeIndex(row, row + len(plain))
        yield Part(
            gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(shapes, index=plain.index, crs=crs)),
            given & shapely.is_missing(shapes),
        )
        row += batch.num_rows


def _in_utf8(table: pa.Table) -> pa.Table:
    """Refuse text in another encoding here: it would come to light only where a cell is looked at."""
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        raise UnreadableFile(N_("The text is not in UTF-8."), remedy=N_("Save the file in UTF-8.")) from error
    return table
