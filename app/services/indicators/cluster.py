"""The same work on a Dask cluster 分布式计算: city by city, and within a city by chunks of its units."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd
from distributed import Client, Future, Security, as_completed
from distributed.comm.core import connect

from app.services.indicators.chunks import Chunk, measured, pieces
from app.services.indicators.version import code_version
from data.errors import N_, Conflict, InvalidInput
from gis.ground import Ground
from gis.parameters import Parameters

SECONDS_TO_CONNECT = 10
CITIES_KEPT = 2
Layers = Mapping[str, gpd.GeoDataFrame]


class Task(NamedTuple):
    """What a worker is to do with the layers of a city; ``key`` names these and the parameters."""

    key: str
    parameters: Parameters
    indicators: tuple[str, ...]


@contextmanager
def connected(scheduler: str, version: str) -> Iterator[Client]:
    """Lend a client of a cluster whose workers all run this code.

    Raises
    ------
    InvalidInput
        No scheduler answers at the address.
    Conflict
        There is no worker, or one runs other code.
    """
    try:
        # A client that fails to connect leaves a thread, which fails once more when the program ends.
        asyncio.run(_reach(scheduler))
        client = Client(scheduler, timeout=SECONDS_TO_CONNECT, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InvalidInput(
            N_("No Dask scheduler answers at {address}."),
            remedy=N_("Start one with `dask scheduler`, and give its address as tcp://host:8786."),
            address=scheduler,
        ) from error
    with client:
        _require(client, version)
        yield client


async def _reach(scheduler: str) -> None:
    security = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    comm = await connect(scheduler, timeout=SECONDS_TO_CONNECT, **security)  # type: ignore[no-untyped-call]
    await comm.close()


def computed(
    client: Client, layers: Layers, units: gpd.GeoDataFrame, plan: Sequence[Chunk], task: Task
) -> Iterator[tuple[Chunk, pd.DataFrame]]:
    """Measure chunks of units on the workers; yields each as it is done.

    The layers go to every worker once. A worker keeps what it computed of a city for its next chunks.
    """
    # In a list: a mapping's own keys would name its parts on the cluster, the same for every city.
    (there,) = client.scatter([dict(layers)], broadcast=True, hash=False)  # type: ignore[no-untyped-call]
    futures: dict[Future[pd.DataFrame], Chunk] = {
        client.submit(_measured, there, *pieces(units, chunk), task, pure=False): chunk for chunk in plan
    }
    for future in as_completed(futures, loop=client.loop):  # type: ignore[no-untyped-call]
        chunk, table = futures[future], future.result()
        yield chunk, table.assign(unit=chunk.near[table["unit"].to_numpy()])


def _measured(layers: Layers, units: gpd.GeoDataFrame, chunk: Chunk, task: Task) -> pd.DataFrame:
    return measured(_ground(layers, task), units, chunk, task.indicators)


_GROUNDS: OrderedDict[str, Ground] = OrderedDict()


def _ground(layers: Layers, task: Task) -> Ground:
    """Return the city that this worker knows, or get to know it and forget the one not used longest."""
    if task.key not in _GROUNDS:
        _GROUNDS[task.key] = Ground(layers, task.parameters)
    _GROUNDS.move_to_end(task.key)
    while len(_GROUNDS) > CITIES_KEPT:
        _GROUNDS.popitem(last=False)
    return _GROUNDS[task.key]


def _require(client: Client, version: str) -> None:
    found: Mapping[str, Any] = client.run(code_version)
    if not found:
        raise Conflict(N_("The Dask cluster has no workers."), remedy=N_("Start some with `dask worker`."))
    other = {worker: says for worker, says in found.items() if says != version}
    if other:
        worker, says = next(iter(other.items()))
        raise Conflict(
            N_("The worker {worker} runs {says}, and this is {version}."),
            remedy=N_("Install the same version of Gengxin and its libraries on all machines."),
            worker=worker,
            says=says,
            version=version,
        )
