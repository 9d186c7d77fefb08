"""The pages about indicators 指标说明: what the catalogue and the thresholds say, in both languages.

``python -m app.services.indicators.docs`` writes it between the markers of ``docs/indicators.*.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from app.services.indicators.catalogue import inputs_of
from app.services.indicators.thresholds import bounds
from data.indicator_codes import OVERRIDES, SCOPES, STRENGTHS
from data.thresholds import Threshold, shipped
from gis.catalogue import FAMILIES, INDICATORS
from gis.indicator import Indicator, Words
from gis.parameters import EXPLAINED, Parameters

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
FOLDER = Path(__file__).resolve().parents[3] / "docs"
BEGIN, END = "<!-- catalogue: begin -->", "<!-- catalogue: end -->"
COLUMNS = (
    Words("指标", "Indicator"), Words("单位", "Unit"), Words("公式", "Formula"), Words("所需数据", "Needs"),
    Words("分类与口径", "By class and basis"), Words("参数", "Parameters"), Words("依据", "Source"),
)  # fmt: skip
CLASSES = {
    "": Words("", ""),
    "facility": Words("各类设施", "class of facility"),
    "street_class": Words("合计与各级道路", "all streets, and each class"),
    "constraint": Words("各类管控要素", "kind of constraint"),
    "age": Words("建成年代分界", "year built before"),
    "hazard": Words("危险等级", "hazard grade"),
}
BASES = {
    "population": Words("按人口", "residents"),
    "floor_area": Words("按住宅建筑面积", "residential floor area"),
    "land": Words("按居住用地", "housing land"),
    "area": Words("按土地面积", "land"),
}
PARAMETERS = Words("参数", "Parameters")
PARAMETER_COLUMNS = (Words("参数", "Parameter"), Words("默认值", "Default"), Words("含义", "Meaning"))
THRESHOLDS = Words("阈值", "Thresholds")
THRESHOLD_COLUMNS = (
    Words("指标", "Indicator"), Words("要求", "Asks"), Words("范围", "Ground"), Words("适用地区", "Where"),
    Words("年份", "Year"), Words("力度", "Strength"), Words("文件", "Document"), Words("内容", "Content"),
)  # fmt: skip
NATIONAL = Words("全国", "China")


def catalogue_text(language: Language) -> str:
    """Write the catalogue, the parameters and the thresholds as Markdown."""
    families = (_family(family, words, language) for family, words in FAMILIES.items())
    return "\n\n".join([*families, _parameters(language), _thresholds(language)])


def page_of(language: Language) -> Path:
    """Return the page in a language."""
    return FOLDER / f"indicators.{language}.md"


def renewed(page: str, language: Language) -> str:
    """Put the present catalogue between a page's markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{catalogue_text(language)}\n\n{END}{after}"


def _family(family: str, words: Words, language: Language) -> str:
    rows = [_row(one, language) for one in INDICATORS.values() if one.family == family]
    return f"### {_in(words, language)}\n\n{_table(COLUMNS, rows, language)}"


def _row(one: Indicator, language: Language) -> list[str]:
    bases = [_in(BASES[basis], language) for basis in one.bases if basis]
    classes = [_in(CLASSES[one.subjects], language)] if one.subjects else []
    return [
        f"**{_in(one.name, language)}** `{one.code}`",
        one.unit or "1",
        _in(one.formula, language),
        ", ".join(f"`{name}`" for name in inputs_of(one)),
        "; ".join([*classes, *bases]),
        ", ".join(f"`{name}`" for name in one.parameters),
        _in(one.source, language),
    ]


def _parameters(language: Language) -> str:
    defaults = Parameters()
    rows = [
        [f"`{name}`", _default(getattr(defaults, name)), _in(words, language)]
        for name, words in EXPLAINED.items()
    ]
    return f"## {_in(PARAMETERS, language)}\n\n{_table(PARAMETER_COLUMNS, rows, language)}"


def _default(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {number:g}" for name, number in value.items())
    if isinstance(value, tuple):
        return ", ".join(_default(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _thresholds(language: Language) -> str:
    rows = [_threshold_row(one, language) for one in shipped()]
    return f"## {_in(THRESHOLDS, language)}\n\n{_table(THRESHOLD_COLUMNS, rows, language)}"


def _threshold_row(one: Threshold, language: Language) -> list[str]:
    strength = [getattr(STRENGTHS[one.strength], language), one.modal]
    if one.override != "free":
        strength.append(getattr(OVERRIDES[one.override], language))
    return [
        f"{_in(INDICATORS[one.indicator].name, language)} {one.subject}".strip(),
        bounds(one),
        getattr(SCOPES[one.scope], language),
        _in(NATIONAL, language) if one.jurisdiction == "national" else one.jurisdiction,
        str(one.year or ""),
        ", ".join(filter(None, strength)),
        f"{one.document} {one.document_no}".strip(),
        one.clause,
    ]


def _table(columns: Iterable[Words], rows: Iterable[Sequence[str]], language: Language) -> str:
    headings = [_in(words, language) for words in columns]
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _in(words: Words, language: Language) -> str:
    return words.zh if language == "zh" else words.en


def main() -> None:
    """Bring both pages up to date."""
    for language in LANGUAGES:
        page = page_of(language)
        page.write_text(renewed(page.read_text(encoding="utf-8"), language), encoding="utf-8")


if __name__ == "__main__":
    main()
