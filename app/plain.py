"""Results as plain values, for JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """Turn dataclasses, mappings, sequences, Decimals and dates into what JSON holds.

    A Decimal becomes the number with the same digits; notes and errors become their text.

    Examples
    --------
    >>> plain({"sum": Decimal("388.00"), "printed": Decimal("947.99")})
    {'sum': 388, 'printed': 947.99}
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if type(value).__str__ is not object.__str__:
            return str(value)
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return str(value) if isinstance(value, dt.date | Path) else value
