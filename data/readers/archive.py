"""Zip archives from strangers: sizes, paths and links are checked before anything is unpacked."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from data.errors import N_, UnreadableFile


@dataclass(frozen=True)
class Limits:
    """What is still an upload.

    Attributes
    ----------
    file_bytes
        Of the file as it came.
    unpacked_bytes, members
        Total size and number of files an archive declares.
    """

    file_bytes: int = 200 * 2**20
    unpacked_bytes: int = 2**30
    members: int = 200


class FileTooLarge(UnreadableFile):
    """The file, or what it unpacks to, is above the limit."""


class UnsafeArchive(UnreadableFile):
    """The archive holds paths, links or encrypted files that are not unpacked."""


def safe_members(archive: zipfile.ZipFile, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return the files of an archive.

    Raises
    ------
    FileTooLarge
        They are more, or declare more bytes, than the limits allow; zipfile unpacks no more than is declared.
    UnsafeArchive
        A path is absolute or leaves its folder, or a file is a link or encrypted.
    """
    members = archive.infolist()
    if len(members) > limits.members:
        raise FileTooLarge(
            N_("The archive holds {count} files; the limit is {limit}."),
            count=len(members),
            limit=limits.members,
        )
    require_size(sum(member.file_size for member in members), limits.unpacked_bytes)
    unsafe = [member.filename for member in members if _is_unsafe(member)]
    if unsafe:
        raise UnsafeArchive(
            N_("The archive holds «{member}», a link, an encrypted file or a path that leaves its folder."),
            remedy=N_("Zip only the files of the Shapefile, without a password."),
            member=unsafe[0],
        )
    return members


def _is_unsafe(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    leaves = path.is_absolute() or ".." in path.parts or ":" in member.filename
    return leaves or stat.S_ISLNK(member.external_attr >> 16) or bool(member.flag_bits & 0x1)


def member_name(member: zipfile.ZipInfo) -> str:
    """Return a file's path in the archive.

    Windows in Chinese writes names in GBK; without the UTF-8 flag zipfile takes them for code page 437.
    """
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def require_size(size: int, limit: int) -> None:
    """Refuse a number of bytes above the limit."""
    if size > limit:
        raise FileTooLarge(
            N_("It has {size} MB unpacked or as it is; the limit is {limit} MB."),
            remedy=N_("Split it, or import it on the command line."),
            size=round(size / 2**20),
            limit=round(limit / 2**20),
        )
