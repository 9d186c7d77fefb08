"""What the machine offers the embedded server (内置数据库): programs, an account, private folders."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import N_, DataFolderOfOtherVersion, PostGISMissing, SocketPathUnusable


@dataclass(frozen=True)
class Installation:
    """A PostgreSQL server with PostGIS, as the distribution installed it."""

    major: int
    programs: Path


@dataclass(frozen=True)
class Account:
    """The account that the server runs as."""

    name: str
    uid: int
    gid: int


def installations(prefix: Path = Path("/usr")) -> list[Installation]:
    """Return the PostgreSQL servers on this machine that have PostGIS, newest first."""
    controls = prefix.glob("share/postgresql/[0-9]*/extension/postgis.control")
    majors = sorted((int(control.parts[-3]) for control in controls), reverse=True)
    found = [Installation(major, prefix / "lib/postgresql" / str(major) / "bin") for major in majors]
    return [installation for installation in found if (installation.programs / "initdb").exists()]


def installation_for(data_dir: Path, prefix: Path = Path("/usr")) -> Installation:
    """Return the server of the data folder's own version, or the newest for a folder that is not there yet.

    Raises
    ------
    PostGISMissing, DataFolderOfOtherVersion
    """
    found = installations(prefix)
    if not found:
        raise postgis_missing()
    kept = first_number(data_dir / "PG_VERSION")
    for installation in found:
        if kept in {None, installation.major}:
            return installation
    raise DataFolderOfOtherVersion(
        N_("PostgreSQL {kept} made this data folder, but {installed} is installed; nothing was changed."),
        where=N_("{folder}:"),
        remedy=N_("Run `sudo apt-get install postgresql-{kept}-postgis-3`, or set GENGXIN_HOME elsewhere."),
        folder=data_dir,
        kept=kept,
        installed=found[0].major,
    )


def server_account() -> Account:
    """Return the account for the server: ourselves, but ``postgres`` for root, whom PostgreSQL refuses."""
    root = os.geteuid() == 0
    try:
        entry = pwd.getpwnam("postgres") if root else pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise postgis_missing() if root else _nameless_user() from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def run_as(account: Account, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the server as its account; output and errors come back as one text."""
    other: dict[str, Any] = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.run(
        command,
        cwd=cwd,
        umask=0o077,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        **(other if os.geteuid() == 0 else {}),
    )


def private_folder(folder: Path, account: Account) -> None:
    """Make a folder that only the account may enter, or see to it that an existing one is so.

    Raises
    ------
    SocketPathUnusable
    """
    if not folder.exists():
        folder.mkdir(mode=0o700)
        os.chown(folder, account.uid, account.gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        raise unusable(folder, N_("It is not a folder of the account {account}."), account=account.name)
    folder.chmod(0o700)
    if run_as(account, "test", "-w", str(folder), cwd=Path("/")).returncode != 0:
        raise unusable(folder, N_("The account {account} cannot write there."), account=account.name)


def server_processes(data_dir: Path) -> set[int]:
    """Return the processes of the server on this data folder, which all have it as working folder."""
    return {int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _serves(entry, data_dir)}


def terminate(pid: int) -> None:
    """Ask a process to end; it may have done so already."""
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return


def first_number(file: Path) -> int | None:
    """Return the number that a file of the server begins with, or None."""
    try:
        return int(file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def unusable(path: Path, what: str, **values: object) -> SocketPathUnusable:
    """Return the error for a path that the server cannot work with."""
    remedy = N_("Set GENGXIN_HOME to another folder.")
    return SocketPathUnusable(what, where=N_("{path}:"), remedy=remedy, path=path, **values)


def postgis_missing() -> PostGISMissing:
    """Return the error for a machine without a PostGIS server."""
    return PostGISMissing(
        N_("No PostgreSQL server with PostGIS is installed."),
        remedy=N_(
            "Run `sudo apt-get install -y postgresql-postgis`, "
            "or set GENGXIN_DATABASE_URL to a PostGIS database."
        ),
    )


def _nameless_user() -> SocketPathUnusable:
    uid = os.geteuid()
    return unusable(Path("/etc/passwd"), N_("User {uid} has no name there; PostgreSQL needs one."), uid=uid)


def _serves(process: Path, data_dir: Path) -> bool:
    try:
        return (process / "cwd").samefile(data_dir) and (process / "comm").read_text().startswith("postgres")
    except OSError:
        return False
