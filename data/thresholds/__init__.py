"""Thresholds of indicators 指标阈值: data with their documents, never numbers in code."""

from data.thresholds.judging import Verdict, holds, judge, judge_all, severity, stricter
from data.thresholds.reading import SHIPPED, read_thresholds, shipped
from data.thresholds.threshold import Threshold

__all__ = [
    "SHIPPED",
    "Threshold",
    "Verdict",
    "holds",
    "judge",
    "judge_all",
    "read_thresholds",
    "severity",
    "shipped",
    "stricter",
]
