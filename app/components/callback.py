"""Callbacks that run in a thread, so that one slow answer does not hold up the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import dash


def callback(*args: Any, **kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a Dash callback that is answered in a worker thread, in the reader's language."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        async def answer(*inputs: Any) -> Any:
            return await asyncio.to_thread(function, *inputs)

        registered: Callable[..., Awaitable[Any]] = dash.callback(*args, **kwargs)(answer)
        return registered

    return register
