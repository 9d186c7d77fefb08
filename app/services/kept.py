"""Values that are dear to make, kept in memory: few of them, each made once a version, whoever asks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


class _Slot(Generic[V]):
    def __init__(self) -> None:
        self.lock = Lock()
        self.made: tuple[Hashable, V] | None = None


class Kept(Generic[V]):
    """At most ``limit`` values by key, one version of each; the least recently used leave.

    Those who ask for the same at once wait for the first. A value must be made of what is read after its
    version was read: then none is older than its version says.

    Examples
    --------
    >>> kept = Kept(1)
    >>> kept.once("city", 1, lambda: "streets"), kept.once("city", 1, lambda: "not made again")
    ('streets', 'streets')
    >>> kept.once("city", 2, lambda: "new streets")
    'new streets'
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = Lock()
        self._slots: OrderedDict[Hashable, _Slot[V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._slots)

    def once(self, key: Hashable, version: Hashable, make: Callable[[], V]) -> V:
        """Return what is kept under a key in this version, or make it."""
        slot = self._slot(key)
        with slot.lock:
            if slot.made is None or slot.made[0] != version:
                slot.made = (version, make())
            return slot.made[1]

    def _slot(self, key: Hashable) -> _Slot[V]:
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > self.limit:
                self._slots.popitem(last=False)
            return slot
