"""How long 示范市 Demo City takes to generate and load, and how much memory, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from data.session import Database
from tests.app.register_town import asked

LOAD = """
import json, re, sys, time
from pathlib import Path
from app.services.demo import load_demo_city
from data.session import Database

database = Database(sys.argv[1])
start = time.perf_counter()
load_demo_city(database, float(sys.argv[2]))
seconds = time.perf_counter() - start
# Not ru_maxrss: that one counts the process from which this one was forked.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1e6
print(json.dumps({"seconds": seconds, "peak_gb": peak}))
"""
# Scale, and what it may take: seconds and GB.
BUDGETS = ((1, 10, 0.6), (100, 600, 4))


@pytest.mark.parametrize(("scale", "seconds", "memory"), BUDGETS)
def test_city_loads(database: Database, database_url: str, scale: int, seconds: int, memory: float) -> None:
    command = [sys.executable, "-c", LOAD, database_url, str(scale)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    took = json.loads(run.stdout)
    [(buildings, projects)] = asked(
        database, "SELECT (SELECT count(*) FROM building), (SELECT count(*) FROM project)"
    )
    print(
        f"\nscale {scale}: {buildings:,} buildings, {projects:,} projects, {took['seconds']:.1f} s "
        f"(<= {seconds}), {took['peak_gb']:.2f} GB (<= {memory})"
    )
    assert buildings > 13_000 * scale
    assert took["seconds"] <= seconds
    assert took["peak_gb"] <= memory
