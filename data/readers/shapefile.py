"""A Shapefile out of a zip archive: its parts, and the encoding of its text."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from typing import BinaryIO, NamedTuple

from data.errors import N_, Note, UnreadableFile, UnsupportedFormat
from data.readers.archive import Limits, member_name, safe_members
from data.readers.dbf import dbf_encoding, mend_names
from data.readers.vector import chosen_layer

REQUIRED_PARTS = (".shp", ".shx", ".dbf")
SHAPEFILE_PARTS = (*REQUIRED_PARTS, ".prj", ".cpg")


class Shapefile(NamedTuple):
    """A Shapefile on disk, the encoding of its text where it is not ASCII, and what to know about it."""

    path: Path
    encoding: str | None
    notes: list[Note]


def unpack(source: BinaryIO | Path, folder: Path, layer: str | None, limits: Limits) -> Shapefile:
    """Unpack the Shapefile of an archive into a folder.

    Raises
    ------
    FileTooLarge, UnsafeArchive, SeveralLayers, UnsupportedFormat, UnreadableFile
    """
    try:
        with zipfile.ZipFile(source) as archive:
            parts = _parts(safe_members(archive, limits), layer)
            for suffix, member in parts.items():
                with archive.open(member) as packed, (folder / f"upload{suffix}").open("wb") as unpacked:
                    copyfileobj(packed, unpacked)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise UnreadableFile(N_("The archive is damaged."), remedy=N_("Zip the files again.")) from error
    encoding, declared = dbf_encoding(folder / "upload.dbf")
    mended = mend_names(folder / "upload.dbf", encoding) if encoding else []
    return Shapefile(
        folder / "upload.shp", encoding, list(_notes(encoding, declared, mended, ".prj" in parts))
    )


def _notes(encoding: str | None, declared: str | None, mended: list[str], has_prj: bool) -> Iterable[Note]:
    if encoding and encoding != declared:
        yield Note(N_("The text is in {encoding}; the file does not say so."), {"encoding": encoding})
    if mended:
        yield Note(N_("Column names were cut inside a character: {names}."), {"names": ", ".join(mended)})
    if not has_prj:
        yield Note(N_("The .prj file is missing, so the coordinate system is not known."))


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
    chosen = shapefiles[chosen_layer(layers, layer)]
    missing = [suffix for suffix in REQUIRED_PARTS if suffix not in chosen]
    if missing:
        raise UnreadableFile(
            N_("The archive lacks the {missing} file of the Shapefile."),
            remedy=N_("Zip the .shp, .shx, .dbf and .prj files together."),
            missing=", ".join(missing),
        )
    return chosen
