"""Code lists of indicators and thresholds 指标代码表, with their Chinese and English names."""

from __future__ import annotations

from data.codes import Term

# What indicators are computed for.
UNIT_KINDS = {
    "district": Term("行政区与功能区", "District"),
    "zone": Term("规划地块", "Zone"),
    "renewal_unit": Term("更新单元（片区）", "Renewal unit"),
    "grid": Term("方格网", "Square grid"),
    "hexagon": Term("六边形网", "Hexagon grid"),
    "project": Term("更新项目", "Project"),
    "catchment": Term("项目步行范围", "Project catchment"),
    "area": Term("城区范围", "City and its areas"),
}
VERDICTS = {
    "pass": Term("达标", "Meets the threshold"),
    "fail": Term("不达标", "Does not meet it"),
    "warn": Term("需说明理由", "Needs a justification"),
    "info": Term("未达目标", "Short of an aim"),
}
OPERATORS = {
    ">=": Term("不小于", "at least"),
    ">": Term("大于", "more than"),
    "<=": Term("不大于", "at most"),
    "<": Term("小于", "less than"),
    "between": Term("介于（含两端）", "between, both ends included"),
    "=": Term("等于", "exactly"),
}
# How strongly a document wants its threshold: what a value that misses it is told.
STRENGTHS = {
    "binding": Term("约束性", "Binding"),
    "expected": Term("原则性", "Expected"),
    "aspirational": Term("引导性", "Aspirational"),
}
# The ground a threshold speaks of.
SCOPES = {
    "city": Term("全市", "City"),
    "built_up": Term("建成区", "Built-up area"),
    "central_city": Term("中心城区", "Central city"),
    "main_city": Term("主城区", "Main city"),
    "county_town": Term("县城", "County town"),
    "cluster": Term("组团", "Cluster"),
    "locality": Term("个别地段", "Locality"),
    "project": Term("更新单元（片区）或项目", "Renewal unit or project"),
    "new_housing": Term("新建居住区", "New housing"),
}
OVERRIDES = {
    "stricter_only": Term("只可更严", "May only be made stricter"),
    "free": Term("未限定", "Not limited"),
}
