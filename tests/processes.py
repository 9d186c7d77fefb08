"""The dashboard as a process: `gengxin up` on a server of its own, `gengxin serve` on a test's database."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

ROOT = Path(__file__).resolve().parents[1]
# One process imports the dashboard once; the servers of the tests are forks of it, ready seconds earlier.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["app.cli", "app.server"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    with contextlib.suppress(OSError):
        return bool(urllib.request.urlopen(url, timeout=2).status == 200)
    return False


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """Lend the address of an application that a thread of this process serves."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def wait_until_ready(is_alive: Callable[[], bool], address: str, log: Path, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not answers(f"{address}/readyz"):
        if not is_alive() or time.monotonic() > deadline:
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
            wait_until_ready(lambda: process.poll() is None, f"http://127.0.0.1:{port}", log)
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def running_up(
    home: Path, port: int, log: Path
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    environment = {k: v for k, v in os.environ.items() if k != "GENGXIN_DATABASE_URL"}
    return running("up", environment | {"GENGXIN_HOME": str(home)}, port, log)


@contextmanager
def serving(database_url: str, port: int, log: Path) -> Iterator[None]:
    """Run ``gengxin serve`` until the block ends, with its output in a log."""
    environment = {"GENGXIN_DATABASE_URL": database_url, "GENGXIN_PORT": str(port)}
    log.touch()
    process = FORKS.Process(target=_serve, args=(environment, log))
    process.start()
    try:
        wait_until_ready(process.is_alive, f"http://127.0.0.1:{port}", log)
        yield
    finally:
        if process.pid is not None and process.is_alive():
            os.kill(process.pid, signal.SIGINT)
        process.join(30)


def _serve(environment: dict[str, str], log: Path) -> None:
    with log.open("wb", buffering=0) as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ.update(environment)
    from app.cli import app  # noqa: PLC0415

    app(["serve"])
