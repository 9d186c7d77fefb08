"""The encoding of the text in a dBASE table (.dbf), which Shapefiles often declare wrongly or not at all."""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.errors import N_, UnreadableFile

LANGUAGE_ENCODINGS = {
    0x03: "cp1252",
    0x13: "cp932",
    0x4D: "gb18030",
    0x4F: "big5",
    0x78: "big5",
    0x7A: "gb18030",
}
"""Language byte of a dBASE header to encoding; 0x57 and 0x00 say nothing."""

SAMPLED_CELLS = 20_000


def dbf_encoding(path: Path) -> tuple[str | None, str | None]:
    """Find the encoding of a table's text and the one it declares.

    Parameters
    ----------
    path
        The .dbf; a .cpg beside it declares an encoding, else the language byte of the header does.

    Returns
    -------
    tuple
        The first encoding that decodes every text beyond ASCII: the declared one, UTF-8, GB18030 (GBK) or
        Latin-1; and the declared one. None where all is ASCII, or nothing is declared.
    """
    table = path.read_bytes()
    try:
        texts = _texts_beyond_ascii(table)
    except (struct.error, ValueError, IndexError) as error:
        raise UnreadableFile(N_("The .dbf file is damaged."), remedy=N_("Export it again.")) from error
    declared = _declared_encoding(path.with_suffix(".cpg"), table[29])
    if not texts:
        return None, None
    candidates = [*([declared] if declared else []), "utf-8", "gb18030", "latin-1"]
    return next(encoding for encoding in candidates if _decodes(texts, encoding)), declared


def mend_names(path: Path, encoding: str) -> list[str]:
    """Cut the rest of a character off column names that end within one; returns the names it changed.

    dBASE holds ten bytes of a name, and UTF-8 takes three for a Chinese character: 项目编号 becomes 项目编.
    """
    table = bytearray(path.read_bytes())
    taken: set[str] = set()
    mended = []
    for start in range(32, 32 + 32 * len(_fields(table)), 32):
        stored = bytes(table[start : start + 11]).split(b"\x00")[0]
        name = codecs.getincrementaldecoder(encoding)().decode(stored, final=False)
        if name.encode(encoding) != stored:
            name += next(str(n) for n in ["", *range(1, 10)] if f"{name}{n}" not in taken)
            table[start : start + 11] = name.encode(encoding).ljust(11, b"\x00")
            mended.append(name)
        taken.add(name)
    if mended:
        path.write_bytes(table)
    return mended


def _fields(table: bytes | bytearray) -> NDArray[np.void]:
    (header_bytes,) = struct.unpack_from("<H", table, 8)
    return np.frombuffer(table, "S11,S1,V4,u1,V15", (header_bytes - 32) // 32, 32)


def _texts_beyond_ascii(table: bytes) -> list[bytes]:
    """Column names and a sample of the text cells of a dBASE table that are not ASCII."""
    rows, header_bytes, row_bytes = struct.unpack_from("<IHH", table, 4)
    fields = _fields(table)
    rows = min(rows, (len(table) - header_bytes) // row_bytes)
    body = np.frombuffer(table, np.uint8, rows * row_bytes, header_bytes).reshape(rows, row_bytes)
    starts = 1 + np.r_[0, np.cumsum(fields["f3"].astype(int))]
    texts = [name.split(b"\x00")[0] for name in fields["f0"].tolist()]
    for start, width in zip(
        starts[:-1][fields["f1"] == b"C"], fields["f3"][fields["f1"] == b"C"], strict=True
    ):
        cells = body[:, start : start + width]
        beyond = np.ascontiguousarray(cells[(cells > 127).any(axis=1)][:SAMPLED_CELLS])
        texts += np.unique(beyond.view(f"S{width}")).tolist()
    return [text.rstrip() for text in texts if not text.isascii()]


def _declared_encoding(cpg: Path, language: int) -> str | None:
    text = cpg.read_text("ascii", errors="replace").strip().lower() if cpg.exists() else ""
    for name in (text, "cp" + re.sub(r"\D", "", text)):
        try:
            found = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        return "gb18030" if found in {"gbk", "gb2312", "cp936"} else found
    return LANGUAGE_ENCODINGS.get(language)


def _decodes(texts: Iterable[bytes], encoding: str) -> bool:
    """Whether all texts decode; a last character cut by the width of its column does not count."""
    try:
        for text in texts:
            codecs.getincrementaldecoder(encoding)().decode(text, final=False)
    except UnicodeDecodeError:
        return False
    return True
