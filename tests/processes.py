"""`gengxin up` as a process, on an embedded server of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    with contextlib.suppress(OSError):
        return bool(urllib.request.urlopen(url, timeout=2).status == 200)
    return False


def wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not answers(f"{address}/readyz"):
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the server did not start:\n{log.read_text()}")
        time.sleep(0.02)


@contextmanager
def running(
    command: str, environment: dict[str, str], port: int, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``gengxin COMMAND`` until the block ends, with its output in a log."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", command],
            cwd=ROOT,
            env=environment | {"GENGXIN_PORT": str(port)},
            stdout=output,
            stderr=output,
        )
        try:
            wait_until_ready(process, f"http://127.0.0.1:{port}", log)
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def running_up(
    home: Path, port: int, log: Path
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    environment = {k: v for k, v in os.environ.items() if k != "GENGXIN_DATABASE_URL"}
    return running("up", environment | {"GENGXIN_HOME": str(home)}, port, log)


def serving(
    database_url: str, port: int, log: Path
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    return running("serve", os.environ | {"GENGXIN_DATABASE_URL": database_url}, port, log)
