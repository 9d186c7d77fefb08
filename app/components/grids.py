"""What the grids of several pages share: their columns and their texts."""

from __future__ import annotations

from typing import Any

from app.i18n import gettext as _


def grid_column(name: str, title: str, width: int, **more: Any) -> dict[str, Any]:
    """Return a column of a grid; one with ``flex`` takes the width as its least."""
    size = {"minWidth": width} if "flex" in more else {"width": width}
    return {"colId": name, "field": name, "headerName": title, **size, **more}


def grid_texts(no_rows: str) -> dict[str, str]:
    """Return what a grid says of itself, ``no_rows`` where it has none."""
    return {
        "loadingOoo": _("Loading…"),
        "loadingError": _("Could not load"),
        "noRowsToShow": no_rows,
        "ariaSortableColumn": _("Press Enter to sort"),
        "ariaColumn": _("Column"),
        "ariaSkeletonCellLoading": _("Loading…"),
        "ariaSkeletonCellLoadingFailed": _("Could not load"),
    }
