"""Two notices differ by what entered, left and changed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.services.imports.register import set_exit_reason
from app.services.register.diff import FieldChange, diff
from app.services.register.summary import summary
from data.errors import InvalidInput, NotFound
from data.session import Database
from tests.app.register_town import found_town, imported, written

KEPT = "K202501001,旧厂更新,1.5,东区,城区"
LEFT = "K202501002,老街更新,2,西区,城区"
OLD = "K202501003,河岸,9,东区,城区"
NEW = "K202501003,河岸更新,9.5,东区+西区,郊区"
CAME = "K202502001,新村更新,0.25,北区,郊区"
FIRST, SECOND, THIRD = "镇〔2025〕1号", "镇〔2025〕2号", "镇〔2025〕3号"


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Database:
    """A town with three notices: the second changes, drops and adds one project, the third brings it back."""
    found_town(database)
    imported(database, written(tmp_path, KEPT, LEFT, OLD), FIRST)
    imported(database, written(tmp_path, KEPT, NEW.replace("郊区", "城区"), CAME), SECOND)
    imported(database, written(tmp_path, KEPT, NEW.replace("郊区", "城区"), CAME, LEFT), THIRD)
    return database


def test_entered_left_changed_and_unchanged(town: Database) -> None:
    found = diff(town, "town", SECOND)
    assert (found.notice, found.against, found.basis) == (SECOND, FIRST, "previous notice")
    assert [(row.code, row.amount, row.returned) for row in found.entered] == [
        ("K202502001", Decimal("0.25"), False)
    ]
    assert found.entered_total == Decimal("0.25")
    assert [(row.code, row.amount, row.reason) for row in found.exited] == [("K202501002", 2, None)]
    assert found.exited_total == 2
    (changed,) = found.changed
    assert changed.code == "K202501003"
    assert changed.fields == (
        FieldChange("name", "河岸", "河岸更新"),
        FieldChange("amount", Decimal(9), Decimal("9.5")),
        FieldChange("area", "东区", "东区+西区"),
    )
    assert found.unchanged == 1


def test_a_total_without_any_amount_is_not_known(database: Database, tmp_path: Path) -> None:
    found_town(database)
    unknown = "K202501009,无金额,,西区,城区"
    imported(database, written(tmp_path, KEPT, unknown), FIRST)
    imported(database, written(tmp_path, KEPT), SECOND)
    imported(database, written(tmp_path, KEPT, unknown), THIRD)
    assert (diff(database, "town", SECOND).entered_total, diff(database, "town", SECOND).exited_total) == (
        0,
        None,
    )
    assert diff(database, "town", THIRD).entered_total is None


def test_what_comes_back_is_told_from_what_is_new(town: Database) -> None:
    found = diff(town, "town")
    assert (found.notice, [(row.code, row.returned) for row in found.entered]) == (
        THIRD,
        [("K202501002", True)],
    )
    assert (found.exited, found.changed, found.unchanged) == ((), (), 3)


def test_any_two_notices_can_be_compared(town: Database) -> None:
    found = diff(town, "town", THIRD, FIRST)
    assert [row.code for row in found.entered] == ["K202502001"]
    assert found.exited == ()
    assert [row.code for row in found.changed] == ["K202501003"]
    with pytest.raises(InvalidInput, match="not earlier"):
        diff(town, "town", FIRST, THIRD)
    with pytest.raises(NotFound, match="no notice «x»"):
        diff(town, "town", "x")


def test_a_given_reason_is_shown(town: Database, tmp_path: Path) -> None:
    imported(town, written(tmp_path, KEPT), "镇〔2025〕4号")
    set_exit_reason(town, "town", "K202502001", "撤回", actor="a")
    reasons = {row.code: row.reason for row in diff(town, "town").exited}
    assert reasons == {"K202501002": None, "K202501003": None, "K202502001": "撤回"}


def test_new_in_the_summary_means_since_the_previous_notice(town: Database) -> None:
    assert summary(town, "town", SECOND).city_total.new == 1
    assert summary(town, "town", THIRD).city_total.new == 1


def test_the_first_notice_goes_by_its_printed_list(zhengzhou: Database) -> None:
    found = diff(zhengzhou, "zhengzhou")
    assert (found.against, found.basis, found.unchanged) == (None, "printed list", None)
    assert (len(found.entered), found.entered_total) == (23, Decimal("88.4079"))
    assert not any(row.returned for row in found.entered)


def test_a_first_notice_without_a_list_says_so(database: Database, tmp_path: Path) -> None:
    found_town(database)
    imported(database, written(tmp_path, KEPT))
    found = diff(database, "town")
    assert (found.basis, found.entered, found.entered_total) == ("nothing", (), 0)
