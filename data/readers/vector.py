"""What reading through GDAL has in common: its warnings and errors, and which layer of a file is meant."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyogrio
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from pyproj import CRS
from shapely.errors import ShapelyError

from data.errors import N_, UnreadableFile, UnsupportedFormat

UNDEFINED_CRS = re.compile("^Undefined ")


class SeveralLayers(UnsupportedFormat):
    """The file holds more than one layer and nobody said which."""


class NoGeometry(UnreadableFile):
    """The file is a table without shapes."""


class UnreadableGeometry(UnreadableFile):
    """Some rows hold a geometry that cannot be built."""


@contextmanager
def gdal() -> Iterator[list[warnings.WarningMessage]]:
    """Collect GDAL's warnings and word its errors."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield said
    except UnicodeDecodeError as error:
        raise UnreadableFile(N_("The text is not in UTF-8."), remedy=N_("Save the file in UTF-8.")) from error
    except (DataSourceError, DataLayerError, FieldError, ShapelyError) as error:
        raise UnreadableFile(
            N_("It cannot be read: {reason}"), remedy=N_("Export it again."), reason=str(error)
        ) from error


def geopackage_layer(path: Path, wanted: str | None) -> str:
    """Return the name of the layer to read from a GeoPackage, which must be one.

    Raises
    ------
    UnsupportedFormat, SeveralLayers, NoGeometry, UnreadableFile
    """
    with gdal():
        layers = pyogrio.list_layers(path)
        driver = pyogrio.read_info(path, layer=layers[0][0])["driver"] if len(layers) else "GPKG"
    if driver != "GPKG":
        raise UnsupportedFormat(N_("It is a {driver} file, not a GeoPackage."), driver=driver)
    spatial = [str(name) for name, geometry_type in layers if geometry_type is not None]
    return chosen_layer(spatial, wanted)


def chosen_layer(layers: Sequence[str], wanted: str | None) -> str:
    """Return the layer that is wanted, or the only one."""
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


def defined(crs: CRS | None) -> CRS | None:
    """Return a CRS, or None where it only says that it is not defined."""
    return None if crs is None or UNDEFINED_CRS.match(crs.name) else crs


def refuse_shapes(broken: NDArray[np.bool_]) -> None:
    """Refuse a file where some features have coordinates that make no shape."""
    if broken.any():
        raise UnreadableGeometry(
            N_("{count} features have coordinates that make no shape, the first is number {row}."),
            remedy=N_("Repair the geometry in the source and export it again."),
            count=int(broken.sum()),
            row=int(broken.argmax()) + 1,
        )
