"""Polygons people upload: GeoJSON, GeoPackage and zipped Shapefile, read as they are and never repaired."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from data.errors import N_, EmptyFile, GengxinError, Note, UnreadableFile, UnsupportedFormat
from data.readers.archive import Limits, require_size
from data.readers.shapefile import unpack
from data.readers.vector import (
    NoGeometry,
    SeveralLayers,
    UnreadableGeometry,
    defined,
    gdal,
    geopackage_layer,
    refuse_shapes,
)

__all__ = ["NoGeometry", "SeveralLayers", "UnreadableGeometry", "read_polygons"]

GEOJSON_TYPES = {
    "FeatureCollection", "Feature", "GeometryCollection",
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
}  # fmt: skip
SQLITE, ZIP = b"SQLite format 3\x00", b"PK"


def read_polygons(
    source: Path | bytes,
    filename: str | None = None,
    *,
    layer: str | None = None,
    limits: Limits = Limits(),  # noqa: B008
) -> GeoDataFrame:
    """Read the features of an uploaded file (边界文件), whatever their geometry type.

    Parameters
    ----------
    source
        A path or the content of the file.
    filename
        The name it came with; its ending says the format: ``.geojson``, ``.json``, ``.gpkg`` or ``.zip``.
    layer
        Which layer, where a file holds several.
    limits
        Largest sizes.

    Returns
    -------
    GeoDataFrame
        Rows and columns as in the file, numbered from 0. Missing geometries stay missing. ``crs`` is None
        where the file names none (a Shapefile without .prj) or one that no registry knows; then that name is
        in ``attrs["declared_crs"]``, for example GCJ02. ``attrs["notes"]`` holds ``Note`` objects.

    Raises
    ------
    UnsupportedFormat, SeveralLayers
        The ending, the content or the number of layers is not one that can be read.
    EmptyFile, NoGeometry
        There is nothing in it, or no shapes.
    FileTooLarge, UnsafeArchive, UnreadableGeometry, UnreadableFile
        The file is above the limits, hostile or damaged.

    Notes
    -----
    The text of a Shapefile is read in the encoding its bytes decode in: the declared one (.cpg, language
    byte), else UTF-8, else GB18030 (GBK), else Latin-1.
    """
    name = filename or (source.name if isinstance(source, Path) else "")
    try:
        content = _content(source, limits)
        reader = _reader(name, content)
        with TemporaryDirectory(prefix="gengxin-upload-") as folder:
            return reader(content, Path(folder), layer, limits)
    except GengxinError as error:
        error.where = N_("{file}:")
        error.values["file"] = name
        raise


Reader = Callable[[bytes, Path, str | None, Limits], GeoDataFrame]


def _content(source: Path | bytes, limits: Limits) -> bytes:
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        require_size(size, limits.file_bytes)
        content = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise UnreadableFile(N_("It cannot be opened: {reason}."), reason=error.strerror) from error
    if not content.strip():
        raise EmptyFile(N_("It is empty."), remedy=N_("Export it again."))
    return content


def _reader(name: str, content: bytes) -> Reader:
    """The reader for the ending, if the first bytes agree with it."""
    suffix = PurePosixPath(name).suffix.lower()
    readers: dict[str, tuple[Reader, bool]] = {
        ".geojson": (_read_geojson, not content.startswith((SQLITE, ZIP))),
        ".json": (_read_geojson, not content.startswith((SQLITE, ZIP))),
        ".gpkg": (_read_geopackage, content.startswith(SQLITE)),
        ".zip": (_read_zipped_shapefile, content.startswith(ZIP)),
    }
    if suffix not in readers:
        raise UnsupportedFormat(
            N_("Files of type «{suffix}» are not read."),
            remedy=N_("Use GeoJSON (.geojson), GeoPackage (.gpkg) or a zipped Shapefile (.zip)."),
            suffix=suffix,
        )
    reader, agrees = readers[suffix]
    if not agrees:
        raise UnreadableFile(
            N_("The content is not that of a {suffix} file."),
            remedy=N_("Export it again in the format its name says."),
            suffix=suffix,
        )
    return reader


def _read_geojson(content: bytes, folder: Path, _: str | None, __: Limits) -> GeoDataFrame:
    text, encoding = _decoded(content)
    document = _json(text)
    path = folder / "upload.geojson"
    path.write_text(text, encoding="utf-8")
    frame = _read_layer(path)
    _require_all_shapes(frame, document)
    if encoding != "utf-8":
        _note(frame, N_("The text is in {encoding}, not in UTF-8."), encoding=encoding)
    return _with_declared_crs(frame, document)


def _decoded(content: bytes) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding), "utf-8" if encoding == "utf-8-sig" else encoding
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(N_("The text is not in UTF-8."), remedy=N_("Save the file in UTF-8."))


def _json(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise UnreadableFile(
            N_("It is not valid JSON: line {line}, column {column}."),
            remedy=N_("Export it again; the file may be cut off."),
            line=line,
            column=column,
        ) from error
    if not isinstance(document, dict) or document.get("type") not in GEOJSON_TYPES:
        raise UnsupportedFormat(
            N_("It is JSON, but not GeoJSON."), remedy=N_("Export a GeoJSON FeatureCollection.")
        )
    return document


def _require_all_shapes(frame: GeoDataFrame, document: dict[str, Any]) -> None:
    """GDAL leaves out a geometry whose coordinates are not nested as its type asks."""
    features = document.get("features")
    if isinstance(features, list) and len(features) == len(frame):
        given = np.array([isinstance(f, dict) and f.get("geometry") is not None for f in features], bool)
        refuse_shapes(given & frame.geometry.isna().to_numpy())


def _with_declared_crs(frame: GeoDataFrame, document: dict[str, Any]) -> GeoDataFrame:
    """The frame in the CRS of the ``crs`` member; GDAL takes one that it does not know for WGS84."""
    if "crs" not in document:
        return frame
    member = document["crs"] or {}
    properties = member.get("properties") if isinstance(member, dict) else None
    name = str((properties or {}).get("name", ""))
    try:
        return frame.set_crs(CRS.from_user_input(name), allow_override=True)
    except CRSError:
        bare = _without_crs(frame)
        bare.attrs["declared_crs"] = name
        _note(bare, N_("It declares the coordinate system «{crs}», which no registry knows."), crs=name)
        return bare


def _read_geopackage(content: bytes, folder: Path, layer: str | None, _: Limits) -> GeoDataFrame:
    path = folder / "upload.gpkg"
    path.write_bytes(content)
    return _read_layer(path, layer=geopackage_layer(path, layer))


def _read_zipped_shapefile(content: bytes, folder: Path, layer: str | None, limits: Limits) -> GeoDataFrame:
    shapefile = unpack(BytesIO(content), folder, layer, limits)
    frame = _read_layer(shapefile.path, encoding=shapefile.encoding)
    frame.attrs["notes"] += shapefile.notes
    return frame


def _read_layer(path: Path, layer: str | None = None, encoding: str | None = None) -> GeoDataFrame:
    with gdal() as said:
        try:
            frame = _quietly(pyogrio.read_dataframe, path, layer=layer, encoding=encoding)
        except ShapelyError:
            refuse_shapes(_broken(path, layer))
            raise
    if not isinstance(frame, GeoDataFrame) or (len(frame) and frame.geometry.isna().all()):
        raise NoGeometry(N_("It holds rows but no shapes."), remedy=N_("Export the layer with its geometry."))
    if frame.empty:
        raise EmptyFile(N_("It holds no features."), remedy=N_("Export the layer again."))
    if frame.crs is not None and defined(frame.crs) is None:
        frame = _without_crs(frame)
    frame.attrs["notes"] = [Note(N_("On reading: {message}"), {"message": str(w.message)}) for w in said]
    return frame


def _broken(path: Path, layer: str | None) -> NDArray[np.bool_]:
    """Which rows hold a geometry that GEOS does not build."""
    stored = _quietly(pyogrio.raw.read, path, layer=layer, columns=[])[2]
    built = shapely.from_wkb(stored, on_invalid="ignore")
    missing: NDArray[np.bool_] = shapely.is_missing(built)
    return np.array([shape is not None for shape in stored], bool) & missing


def _quietly(read: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """NaN in coordinates makes numpy warn; the checks on boundaries report it by row."""
    with np.errstate(invalid="ignore"):
        return read(*args, **options)


def _without_crs(frame: GeoDataFrame) -> GeoDataFrame:
    bare: GeoDataFrame = frame.set_crs(None, allow_override=True)  # type: ignore[call-overload]
    return bare


def _note(frame: GeoDataFrame, what: str, **values: object) -> None:
    frame.attrs["notes"].append(Note(what, values))
