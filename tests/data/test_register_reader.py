"""A published register is read as printed, or refused with row, field, value and remedy."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from data.errors import EmptyFile, InvalidInput, RegisterInvalid, RowError, UnreadableFile, UnsupportedFormat
from data.readers.new_list import match_new_list
from data.readers.register import Register, read_register, read_totals

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo" / "zhengzhou"
HEADER = "序号,项目编号,项目名称,项目总投资（亿元）,区域,板块"
ROW = "1,K202501001,旧厂更新,7.4,中原区,市内五区"
AREAS = {"中原区": "中原区", "二七区": "二七区", "管城区": "管城回族区", "管城回族区": "管城回族区"}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*lines: str, header: str = HEADER, encoding: str = "utf-8", name: str = "r.csv") -> Path:
        path = tmp_path / name
        path.write_bytes("\r\n".join([header, *lines]).encode(encoding))
        return path

    return write


def fault(path: Path, **options: object) -> RowError:
    """The one fault of a file."""
    with pytest.raises(RegisterInvalid) as refused:
        read_register(path, areas=AREAS, **options)
    (only,) = refused.value.rows
    assert only.remedy
    assert str(only.row) in str(refused.value)
    return only


def sheet(path: Path, fill: Callable[[Worksheet], None]) -> Path:
    workbook = Workbook()
    fill(workbook.active)
    workbook.save(path)
    return path


def same(one: Register, other: Register) -> bool:
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(one.totals, other.totals)
    return True


def test_the_published_register_is_read_whole() -> None:
    register = read_register(DEMO / "register_2025_45.csv")
    assert len(register.frame) == 276
    assert sum(register.frame["amount"]) == Decimal("789544902800")
    assert register.frame["printed_as_new"].sum() == 23
    assert register.frame.iloc[0][["sequence", "code", "area"]].tolist() == [
        1,
        "K202201001",
        "中原区+二七区+金水区",
    ]
    assert len(register.totals) == 19
    assert register.notes == []


def test_encodings_and_xlsx_read_the_same(write: Write, tmp_path: Path) -> None:
    text = (DEMO / "register_2025_45.csv").read_text(encoding="utf-8-sig").replace("¶", "")
    header, *lines = text.splitlines()
    expected = read_register(DEMO / "register_2025_45.csv")
    for encoding in ("utf-8", "utf-8-sig", "gbk", "gb18030"):
        found = read_register(write(*lines, header=header, encoding=encoding))
        assert same(found, expected)
        assert [str(note)[:25] for note in found.notes] == (
            ["The file is not UTF-8; it"] if encoding.startswith("gb") else []
        )
    cells = [line.split(",") for line in (header, *lines)]
    amount = cells[0].index("项目总投资亿元_total_investment_yi")

    def fill(page: Worksheet) -> None:
        for number, row in enumerate(cells):
            page.append(
                [float(cell) if number and place == amount else cell for place, cell in enumerate(row)]
            )

    assert same(read_register(sheet(tmp_path / "r.xlsx", fill)), expected)


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_other_separators_are_recognised(write: Write, separator: str) -> None:
    path = write(ROW.replace(",", separator), header=HEADER.replace(",", separator))
    assert read_register(path).frame["code"].tolist() == ["K202501001"]


def test_english_headings_and_mapping(write: Write) -> None:
    english = write("K1,Old mill,7.4,中原区", header="code,name,total_investment_yi,area")
    assert read_register(english, areas=AREAS).frame["amount"].tolist() == [Decimal("740000000")]
    mapped = write("K1,Old mill,74000,中原区", header="Nr,What,How much,Where", name="m.csv")
    mapping = {"code": "Nr", "name": "What", "amount": "How much", "area": "Where"}
    found = read_register(mapped, mapping=mapping, unit="万元", areas=AREAS)
    assert found.frame["amount"].tolist() == [Decimal("740000000")]


def test_title_rows_above_the_header_are_skipped_and_rows_keep_their_numbers(write: Write) -> None:
    path = write(
        "", HEADER, ROW, ROW.replace("7.4", "x").replace("1001", "1002"), header="郑州市城市更新项目库,,,,,"
    )
    assert fault(path).row == 5


def test_blank_rows_are_no_rows(write: Write) -> None:
    assert read_register(write(ROW, "", ",,,,,", "")).frame.index.tolist() == [2]


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        ("1,,旧厂更新,7.4,中原区,市内五区", "code", "missing"),
        ("1,K1,,7.4,中原区,市内五区", "name", "missing"),
        ("1,K1,旧厂更新,7.4,,市内五区", "area", "missing"),
        ("1,K1,旧厂更新,abc,中原区,市内五区", "amount", "not an amount"),
        ("1,K1,旧厂更新,1e400,中原区,市内五区", "amount", "not an amount"),
        ("1,K1,旧厂更新,NaN,中原区,市内五区", "amount", "not an amount"),
        ("1,K1,旧厂更新,-7.4,中原区,市内五区", "amount", "below zero"),
        ("1,K1,旧厂更新,0.00000000001,中原区,市内五区", "amount", "finer than"),
        ("1,K1,旧厂更新,7.4,中塬区,市内五区", "area", "no area «中塬区»"),
        ("1,K1,旧厂更新,7.4,中原区+西区,市内五区", "area", "no area «西区»"),
        ("1,K1,旧厂更新,7.4,/,市内五区", "area", "no area"),
        (f"1,K1,{'长' * 501},7.4,中原区,市内五区", "name", "longer than 500"),
        (f"1,{'K' * 101},旧厂更新,7.4,中原区,市内五区", "code", "longer than 100"),
        ("1,K1,旧厂更新,7.4,中原区,市内五区,more", "row", "7 cells, the header 6"),
    ],
)
def test_each_fault_names_row_field_and_remedy(write: Write, row: str, field: str, says: str) -> None:
    found = fault(write(ROW, row))
    assert (found.row, found.field) == (3, field)
    assert says in str(found)


@pytest.mark.parametrize("rows", [(), (ROW,)])
def test_of_a_row_with_a_cell_too_many_only_that_is_said(write: Write, rows: tuple[str, ...]) -> None:
    found = fault(write("1,K1,旧厂,更新,7.4,中原区,市内五区", *rows))
    assert (found.row, found.field, found.value) == (2, "row", "1,K1,旧厂,更新,7.4,中原区,市内五区")


def test_unknown_area_lists_those_known_and_suggests_the_closest(write: Write) -> None:
    text = str(fault(write(ROW.replace("中原区", "管城"))))
    assert "Did you mean 管城回族区?" in text
    assert "中原区, 二七区, 管城回族区" in text


def test_duplicate_code_names_both_rows(write: Write) -> None:
    found = fault(write(ROW, ROW.replace("旧厂", "老街")))
    assert (found.row, found.field, found.value, found.values["first"]) == (3, "code", "K202501001", 2)
    full_width = fault(write(ROW, ROW.replace("K202501001", "Ｋ２０２５０１００１")))
    assert full_width.values["first"] == 2


def test_all_faults_are_kept_and_the_first_are_printed(write: Write) -> None:
    path = write(*[f"{n},K{n},旧厂更新,x,中塬区,s" for n in range(1, 1001)])
    with pytest.raises(RegisterInvalid) as refused:
        read_register(path, areas=AREAS)
    assert len(refused.value.rows) == 2000
    assert [row.row for row in refused.value.rows[:4]] == [2, 2, 3, 3]
    assert str(refused.value).endswith("… +1980")


def test_slash_is_not_given_and_zero_is_zero(write: Write) -> None:
    rows = [
        ROW.replace("7.4", amount).replace("1001", f"100{n}") for n, amount in enumerate(["/", "-", "", "0"])
    ]
    assert read_register(write(*rows)).frame["amount"].tolist() == [None, None, None, Decimal(0)]


def test_normalised_amounts_are_reported(write: Write) -> None:
    register = read_register(write(ROW, ROW.replace("7.4", '"１，２３４.５"').replace("1001", "1002")))
    assert register.frame["amount"].tolist() == [Decimal("740000000"), Decimal("123450000000")]
    assert "first in row 3: １，２３４.５ = 123450000000.00 yuan" in str(register.notes[0])


def test_hostile_names_are_stored_as_text(write: Write) -> None:
    names = ['"=HYPERLINK(""http://x"",""y"")"', "<script>alert(1)</script>", "{field} %s \\N"]
    rows = [ROW.replace("旧厂更新", name).replace("1001", f"100{n}") for n, name in enumerate(names)]
    found = read_register(write(*rows)).frame["name"].tolist()
    assert found == ['=HYPERLINK("http://x","y")', "<script>alert(1)</script>", "{field} %s \\N"]


def test_a_value_with_braces_does_not_break_the_message(write: Write) -> None:
    assert "{x}" in str(fault(write(ROW.replace("7.4", "{x}"))))


def test_two_totals_for_one_area_are_a_fault(write: Write) -> None:
    header = f"{HEADER},区域总投资（亿元）"
    assert fault(write(f"{ROW},7.4", "2,K2,老街,1,中原区,市内五区,7.5", header=header)).field == "area_total"
    found = read_register(write(f"{ROW},8.4", "2,K2,老街,1,中原区,市内五区,", header=header))
    assert found.totals["printed"].tolist() == [Decimal("840000000")]


def test_an_area_in_two_sections_is_a_fault(write: Write) -> None:
    assert fault(write(ROW, "2,K2,老街,1,中原区,各开发区")).field == "section"


def test_running_numbers_with_gaps_fall_back_to_the_order_of_rows(write: Write) -> None:
    register = read_register(write(ROW, ROW.replace("1,K", "x,K").replace("1001", "1002")))
    assert register.frame["sequence"].tolist() == [1, 2]
    assert "running numbers" in str(register.notes[0])


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", EmptyFile, "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", EmptyFile, "empty"),
        (HEADER.encode(), EmptyFile, "no row"),
        (b"a,b\x00,c\n1,2,3", UnreadableFile, "Line 1 holds a NUL"),
        (b"\xff\xff\xfe,\n\x81", UnreadableFile, "neither UTF-8 nor GBK"),
        (f'{HEADER}\n1,K1,"open'.encode(), UnreadableFile, "not a CSV"),
        (f"{HEADER}\n1,K1,{'x' * 1_000_001},1,中原区,s".encode(), UnreadableFile, "1000000 characters"),
        (
            "项目编号,名字,区域\nK1,n,中原区".encode(),
            InvalidInput,
            "name, amount; the file has: 项目编号, 名字, 区域",
        ),
        ("项目编号,项目名称,投资,区域\nK1,n,1,中原区".encode(), InvalidInput, "--unit"),
    ],
)
def test_a_file_that_is_no_register_says_why(
    tmp_path: Path, content: bytes, error: type[Exception], says: str
) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    with pytest.raises(error, match=says):
        read_register(path)


def test_wrong_options_are_named(write: Write, tmp_path: Path) -> None:
    path = write(ROW)
    for options, says in (
        ({"unit": "万元"}, "says 亿元"),
        ({"unit": "dollars"}, "not a unit"),
        ({"mapping": {"colour": "区域"}}, "not a field"),
        ({"mapping": {"area": "地区"}}, "no column «地区»"),
    ):
        with pytest.raises(InvalidInput, match=says):
            read_register(path, **options)
    with pytest.raises(UnreadableFile, match="No such file"):
        read_register(tmp_path / "none.csv")
    with pytest.raises(UnsupportedFormat, match=r"«\.pdf»"):
        read_register(tmp_path / "r.pdf")


def test_200_000_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    lines = [f"{n},K2025{n:06d},项目{n},{n % 100}.25,中原区,s" for n in range(200_000)]
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    assert len(read_register(path, areas=AREAS).frame) == 200_000


class TestXlsx:
    def test_merged_areas_are_filled_down_and_other_blanks_are_not(self, tmp_path: Path) -> None:
        def fill(page: Worksheet) -> None:
            page.append(["郑州市城市更新项目库"])
            page.append(["序号", "项目编号", "项目名称", "项目总投资（亿元）", "区域", "区域总投资（亿元）"])
            page.append([1, "K1", "a", 1.25, "中原区", 3.75])
            page.append([2, "K2", "b", 2.5, None, None])
            page.append([3, "K3", "c", 1, "二七区", 1])
            for merged in ("A1:F1", "E3:E4", "F3:F4"):
                page.merge_cells(merged)

        register = read_register(sheet(tmp_path / "r.xlsx", fill), areas=AREAS)
        assert register.frame["area"].tolist() == ["中原区", "中原区", "二七区"]
        assert register.totals["printed"].tolist() == [Decimal("375000000"), Decimal("100000000")]

        def fill_without_merging(page: Worksheet) -> None:
            page.append(["项目编号", "项目名称", "项目总投资（亿元）", "区域"])
            page.append(["K1", "a", 1.25, "中原区"])
            page.append(["K2", "b", 2.5, None])

        found = fault(sheet(tmp_path / "s.xlsx", fill_without_merging))
        assert (found.row, found.field) == (3, "area")

    def test_merged_names_are_not_filled_down(self, tmp_path: Path) -> None:
        def fill(page: Worksheet) -> None:
            page.append(["项目编号", "项目名称", "项目总投资（亿元）", "区域"])
            page.append(["K1", "a", 1.25, "中原区"])
            page.append(["K2", None, 2.5, "中原区"])
            page.merge_cells("B2:B3")

        assert fault(sheet(tmp_path / "r.xlsx", fill)).field == "name"

    def test_formula_without_a_saved_result_is_a_fault_and_text_with_equals_is_text(
        self, tmp_path: Path
    ) -> None:
        def fill(page: Worksheet) -> None:
            page.append(["项目编号", "项目名称", "项目总投资（亿元）", "区域"])
            page.append(["K1", "a", "=1+1", "中原区"])
            page.append(["K2", "b", 1, "中原区"])
            page["B3"].value = "=HYPERLINK(1)"
            page["B3"].data_type = "s"

        found = fault(sheet(tmp_path / "r.xlsx", fill))
        assert (found.row, found.value) == (2, "=1+1")
        assert "not saved" in str(found)

    def test_a_named_sheet_is_read_and_an_unknown_one_is_listed(self, tmp_path: Path) -> None:
        workbook = Workbook()
        workbook.active.title = "说明"
        page = workbook.create_sheet("库")
        page.append(["项目编号", "项目名称", "项目总投资（亿元）", "区域"])
        page.append(["K1", "a", 0.1 + 0.2, "中原区"])
        workbook.save(tmp_path / "r.xlsx")
        found = read_register(tmp_path / "r.xlsx", sheet="库")
        assert found.frame["amount"].tolist() == [Decimal("30000000")]
        with pytest.raises(InvalidInput, match="说明, 库"):
            read_register(tmp_path / "r.xlsx", sheet="no")

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", HEADER.encode()])
    def test_what_is_no_workbook_is_refused(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "r.xlsx"
        path.write_bytes(content)
        with pytest.raises(UnreadableFile, match="not a readable XLSX"):
            read_register(path)


class TestCompanions:
    def test_the_twenty_printed_totals_are_read(self) -> None:
        totals = read_totals(DEMO / "printed_totals.csv")
        assert totals["level"].value_counts().to_dict() == {"area": 16, "section": 3, "city": 1}
        assert totals.set_index(["level", "label"])["printed"]["city", "郑州市"] == Decimal("789545000000")

    def test_unknown_level_is_a_fault(self, write: Write) -> None:
        path = write("street,s,a,1", header="level,section,district,printed_total_yi")
        with pytest.raises(RegisterInvalid, match="row 2, level «street»"):
            read_totals(path)

    def test_the_list_of_new_entries_matches_the_register(self) -> None:
        register = read_register(DEMO / "register_2025_45.csv")
        listed = read_register(DEMO / "new_entries_2025_45.csv")
        assert match_new_list(register, listed).sum() == 23
        assert sum(listed.frame["amount"]) == Decimal("8840790000")

    def test_a_list_that_differs_says_where(self, write: Write) -> None:
        register = read_register(write(ROW, "2,K2,老街,1,二七区,市内五区", "3,K3,旧村,/,二七区,市内五区"))
        listed = read_register(
            write(
                "1,K202501001,旧厂,7.4,二七区,",
                "2,K2,老街,2,二七区,",
                "3,K3,旧村,/,二七区,",
                "4,K9,无,1,二七区,",
                name="new.csv",
            )
        )
        with pytest.raises(RegisterInvalid) as refused:
            match_new_list(register, listed)
        assert [(row.row, row.field) for row in refused.value.rows] == [
            (2, "name"),
            (2, "area"),
            (3, "amount"),
            (5, "code"),
        ]

    def test_a_column_that_contradicts_the_list_is_a_fault(self, write: Write) -> None:
        register = read_register(write(f"{ROW},Y", header=f"{HEADER},新增"))
        listed = read_register(write("2,K2,老街,1,二七区,市内五区", name="new.csv"))
        with pytest.raises(RegisterInvalid) as refused:
            match_new_list(register, listed)
        assert {row.field for row in refused.value.rows} == {"code", "printed_as_new"}
