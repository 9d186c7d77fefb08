"""Keep what was computed and know what of, so that a change spoils only what it can reach."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
Key = tuple[Hashable, ...]


class Kept(NamedTuple):
    """A value and the names of the inputs that were read while it was made."""

    value: Any
    reads: frozenset[str]


class Memo:
    """Values by key, each made once; every reading of an input is noted for the values being made.

    Examples
    --------
    >>> memo = Memo()
    >>> def area():
    ...     memo.read("land")
    ...     return 4.0
    >>> memo.once(("half",), lambda: memo.once(("area",), area) / 2)
    2.0
    >>> sorted(memo.without({"land"}).kept), sorted(memo.without({"water"}).kept)
    ([], [('area',), ('half',)])
    """

    def __init__(self, kept: dict[Key, Kept] | None = None) -> None:
        self.kept = kept or {}
        self._being_made: list[set[str]] = []

    def read(self, *names: str) -> None:
        """Note that inputs are read for what is being made."""
        for reads in self._being_made:
            reads.update(names)

    def once(self, key: Key, make: Callable[[], T]) -> T:
        """Return what was made under ``key``, or make it and keep it."""
        if key not in self.kept:
            self._being_made.append(set())
            try:
                value = make()
            finally:
                reads = self._being_made.pop()
            self.kept[key] = Kept(value, frozenset(reads))
        found: T = self.kept[key].value
        self.read(*self.kept[key].reads)
        return found

    def without(self, changed: Iterable[str]) -> Memo:
        """Return a memo of the values that none of these inputs went into."""
        spoiled = frozenset(changed)
        return Memo({key: kept for key, kept in self.kept.items() if not kept.reads & spoiled})
