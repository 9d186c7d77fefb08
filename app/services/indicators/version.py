"""Which code computed 计算版本: the version, and a digest of the sources and libraries of the analysis."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

import gis

LIBRARIES = ("numpy", "pandas", "scipy", "shapely", "geopandas", "pyproj")
SOURCES = Path(gis.__file__).parent


@cache
def code_version() -> str:
    """Name the code that computes: equal only where the same sources run on the same libraries."""
    content = hashlib.sha256()
    for file in sorted(SOURCES.rglob("*.py")):
        content.update(file.relative_to(SOURCES).as_posix().encode() + file.read_bytes())
    content.update(" ".join(metadata.version(name) for name in LIBRARIES).encode())
    try:
        version = metadata.version("gengxin")
    except metadata.PackageNotFoundError:
        version = "0"
    return f"{version}+{content.hexdigest()[:12]}"
