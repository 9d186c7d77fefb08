"""How areas and lengths of land read: in the unit that keeps the figure short."""

from __future__ import annotations


def area_words(square_metres: float) -> str:
    """Write an area in m², from a hectare on in ha, from a square kilometre on in km²."""
    if square_metres >= 1e6:
        return f"{square_metres / 1e6:,.2f} km²"
    if square_metres >= 1e4:
        return f"{square_metres / 1e4:,.2f} ha"
    return f"{square_metres:,.0f} m²"


def area_in_full(square_metres: float) -> str:
    """Write an area in km² and in hectares."""
    return f"{square_metres / 1e6:,.4f} km² · {square_metres / 1e4:,.2f} ha"


def distance_words(metres: float) -> str:
    """Write a distance in m, from a kilometre on in km."""
    return f"{metres / 1e3:,.2f} km" if metres >= 1e3 else f"{metres:,.0f} m"
