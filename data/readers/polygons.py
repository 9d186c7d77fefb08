"""Polygons people upload: GeoJSON, GeoPackage and zipped Shapefile, read as they are and never repaired."""

from __future__ import annotations

import json
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from data.errors import N_, EmptyFile, GengxinError, Note, UnreadableFile, UnsupportedFormat
from data.readers.archive import Limits, member_name, require_size, safe_members
from data.readers.dbf import dbf_encoding, mend_names

GEOJSON_TYPES = {
    "FeatureCollection", "Feature", "GeometryCollection",
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
}  # fmt: skip
SQLITE, ZIP = b"SQLite format 3\x00", b"PK"
REQUIRED_PARTS = (".shp", ".shx", ".dbf")
SHAPEFILE_PARTS = (*REQUIRED_PARTS, ".prj", ".cpg")
UNDEFINED_CRS = re.compile("^Undefined ")


class SeveralLayers(UnsupportedFormat):
    """The file holds more than one layer and nobody said which."""


class NoGeometry(UnreadableFile):
    """The file is a table without shapes."""


class UnreadableGeometry(UnreadableFile):
    """Some rows hold a geometry that cannot be built."""


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
        _refuse_shapes(given & frame.geometry.isna().to_numpy())


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
    with _gdal():
        layers = pyogrio.list_layers(path)
        driver = pyogrio.read_info(path, layer=layers[0][0])["driver"] if len(layers) else "GPKG"
    if driver != "GPKG":
        raise UnsupportedFormat(N_("It is a {driver} file, not a GeoPackage."), driver=driver)
    spatial = [str(name) for name, geometry_type in layers if geometry_type is not None]
    return _read_layer(path, layer=_chosen(spatial, layer))


def _chosen(layers: list[str], wanted: str | None) -> str:
    if not layers:
        raise NoGeometry(N_("It has no layer with shapes."), remedy=N_("Export the layer with its geometry."))
    if wanted in layers:
        return str(wanted)
    if wanted is not None or len(layers) > 1:
        raise SeveralLayers(
            N_("It holds the layers {layers}."), remedy=N_("Name one of them, or export it alone."),
            layers=", ".join(layers), wanted=wanted,
        )  # fmt: skip
    return layers[0]


def _read_zipped_shapefile(content: bytes, folder: Path, layer: str | None, limits: Limits) -> GeoDataFrame:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = _parts(safe_members(archive, limits), layer)
            for suffix, member in parts.items():
                with archive.open(member) as packed, (folder / f"upload{suffix}").open("wb") as unpacked:
                    copyfileobj(packed, unpacked)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise UnreadableFile(N_("The archive is damaged."), remedy=N_("Zip the files again.")) from error
    encoding, declared = dbf_encoding(folder / "upload.dbf")
    mended = mend_names(folder / "upload.dbf", encoding) if encoding else []
    frame = _read_layer(folder / "upload.shp", encoding=encoding)
    if encoding and encoding != declared:
        _note(frame, N_("The text is in {encoding}; the file does not say so."), encoding=encoding)
    if mended:
        _note(frame, N_("Column names were cut inside a character: {names}."), names=", ".join(mended))
    if ".prj" not in parts:
        _note(frame, N_("The .prj file is missing, so the coordinate system is not known."))
    return frame


def _parts(members: Iterable[zipfile.ZipInfo], layer: str | None) -> dict[str, zipfile.ZipInfo]:
    """The files of one Shapefile by their ending."""
    shapefiles: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in members:
        path = PurePosixPath(member_name(member))
        hidden = path.name.startswith("._") or "__MACOSX" in path.parts
        if path.suffix.lower() in SHAPEFILE_PARTS and not hidden:
            shapefiles.setdefault(str(path.with_suffix("")), {})[path.suffix.lower()] = member
    layers = [stem for stem, parts in shapefiles.items() if ".shp" in parts]
    if not layers:
        raise UnsupportedFormat(
            N_("The archive holds no Shapefile."),
            remedy=N_("Zip the .shp, .shx, .dbf and .prj files together."),
        )
    chosen = shapefiles[_chosen(layers, layer)]
    missing = [suffix for suffix in REQUIRED_PARTS if suffix not in chosen]
    if missing:
        raise UnreadableFile(
            N_("The archive lacks the {missing} file of the Shapefile."),
            remedy=N_("Zip the .shp, .shx, .dbf and .prj files together."),
            missing=", ".join(missing),
        )
    return chosen


def _read_layer(path: Path, layer: str | None = None, encoding: str | None = None) -> GeoDataFrame:
    with _gdal() as said:
        try:
            frame = _quietly(pyogrio.read_dataframe, path, layer=layer, encoding=encoding)
        except ShapelyError:
            _refuse_shapes(_broken(path, layer))
            raise
    if not isinstance(frame, GeoDataFrame) or (len(frame) and frame.geometry.isna().all()):
        raise NoGeometry(N_("It holds rows but no shapes."), remedy=N_("Export the layer with its geometry."))
    if frame.empty:
        raise EmptyFile(N_("It holds no features."), remedy=N_("Export the layer again."))
    if frame.crs is not None and UNDEFINED_CRS.match(frame.crs.name):
        frame = _without_crs(frame)
    frame.attrs["notes"] = [Note(N_("On reading: {message}"), {"message": str(w.message)}) for w in said]
    return frame


def _broken(path: Path, layer: str | None) -> NDArray[np.bool_]:
    """Which rows hold a geometry that GEOS does not build."""
    stored = _quietly(pyogrio.raw.read, path, layer=layer, columns=[])[2]
    built = shapely.from_wkb(stored, on_invalid="ignore")
    missing: NDArray[np.bool_] = shapely.is_missing(built)
    return np.array([shape is not None for shape in stored], bool) & missing


def _refuse_shapes(broken: NDArray[np.bool_]) -> None:
    if broken.any():
        raise UnreadableGeometry(
            N_("{count} features have coordinates that make no shape, the first is number {row}."),
            remedy=N_("Repair the geometry in the source and export it again."),
            count=int(broken.sum()),
            row=int(broken.argmax()) + 1,
        )


def _quietly(read: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """NaN in coordinates makes numpy warn; the checks on boundaries report it by row."""
    with np.errstate(invalid="ignore"):
        return read(*args, **options)


@contextmanager
def _gdal() -> Iterator[list[warnings.WarningMessage]]:
    """Collect GDAL's warnings and word its errors."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield said
    except (DataSourceError, DataLayerError, FieldError, ShapelyError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            N_("It cannot be read: {reason}"), remedy=N_("Export it again."), reason=str(error)
        ) from error


def _without_crs(frame: GeoDataFrame) -> GeoDataFrame:
    bare: GeoDataFrame = frame.set_crs(None, allow_override=True)  # type: ignore[call-overload]
    return bare


def _note(frame: GeoDataFrame, what: str, **values: object) -> None:
    frame.attrs["notes"].append(Note(what, values))
