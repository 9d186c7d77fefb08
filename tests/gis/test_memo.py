"""What is kept, and what a change of an input spoils."""

import pytest

from gis.memo import Memo


def test_a_value_is_made_once() -> None:
    memo, made = Memo(), []
    assert [memo.once(("a",), lambda: made.append(1) or 7) for _ in range(3)] == [7, 7, 7]
    assert made == [1]


def test_a_value_made_of_another_is_spoiled_with_it() -> None:
    memo = Memo()

    def streets() -> int:
        memo.read("streets")
        return 2

    memo.once(("network",), streets)
    memo.once(("walk",), lambda: memo.once(("network",), streets) * 10)
    memo.once(("other",), lambda: memo.read("buildings"))
    assert set(memo.without({"streets"}).kept) == {("other",)}
    assert set(memo.without({"buildings"}).kept) == {("network",), ("walk",)}


def test_what_failed_is_not_kept_and_not_read_into_the_next() -> None:
    memo = Memo()

    def fail() -> int:
        memo.read("streets")
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            memo.once(("a",), fail)
    assert memo.once(("b",), lambda: 1) == 1
    assert memo.kept["b",].reads == frozenset()
