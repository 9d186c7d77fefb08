"""Vector tiles 矢量瓦片: what each layer's tile holds at each zoom, as one bound statement a source layer."""

from data.tiles.catalogue import DEEPEST_SOURCE, LAYERS, Layer, Part
from data.tiles.grid import DEEPEST, Tile

__all__ = ["DEEPEST", "DEEPEST_SOURCE", "LAYERS", "Layer", "Part", "Tile"]
