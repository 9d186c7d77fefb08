"""Streets as they are stored: nodes named, lengths measured, and what is odd about the graph told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from data.errors import N_, InvalidInput, Note
from data.readers.cells import as_text
from data.readers.features import PART, open_features
from gis import street_graph
from gis.datum import to_wgs84
from gis.measure import to_metric

NODE_HEADINGS = ("nodenumber", "node", "code", "id", "节点编号", "编号")


@dataclass(frozen=True)
class StreetFigures:
    """What the graph of imported streets is like.

    ``against_nodes`` segments run from their to-node to their from-node; of ``unknown_direction`` it
    cannot be told, because the file of nodes lacks one of theirs.
    """

    segments: int
    nodes: int
    components: int
    against_nodes: int
    unknown_direction: int
    nodes_named_by_place: int
    length_km: float


def as_edges(
    streets: gpd.GeoDataFrame, metric_srid: int, nodes: pd.DataFrame | None
) -> tuple[gpd.GeoDataFrame, StreetFigures, list[Note]]:
    """Return streets (EPSG:4326 lines) with both nodes and ``length`` in metres, figures and notes.

    ``nodes`` are places of nodes as ``read_nodes`` returns them.
    """
    lines = streets.geometry.to_numpy()
    nothing = pd.Series(None, index=streets.index, dtype="str")
    given = [streets.get(name, nothing) for name in ("from_node", "to_node")]
    start = street_graph.name_nodes(given[0], given[1], lines, first=True)
    end = street_graph.name_nodes(given[1], given[0], lines, first=False)
    known = (given[0].notna() & given[1].notna()).to_numpy()
    direction = street_graph.drawn_against(start, end, lines, nodes)
    length = to_metric(streets, metric_srid).length
    figures = StreetFigures(
        len(streets),
        pd.concat([start, end]).nunique(),
        street_graph.component_count(start, end),
        int((direction.against & known).sum()),
        int((direction.unknown & known).sum()),
        int(given[0].isna().sum() + given[1].isna().sum()),
        round(float(length.sum()) / 1000, 3),
    )
    return streets.assign(from_node=start, to_node=end, length=length), figures, _notes(figures)


def read_nodes(path: Path) -> pd.DataFrame:
    """Return where each node of a file of points is (``x``, ``y`` in EPSG:4326), by its name.

    Raises
    ------
    InvalidInput
        The shapes are not points, or no column looks like their names.
    EmptyFile, UnreadableFile, UnsupportedFormat, gis.errors.GisError
    """
    with open_features(path) as file:
        nodes = to_wgs84(gpd.GeoDataFrame(pd.concat([part.frame for part in file.parts(PART)])))
        return _places(gpd.GeoDataFrame(nodes[nodes.geometry.notna()]))


def _places(nodes: gpd.GeoDataFrame) -> pd.DataFrame:
    if not (nodes.geom_type == "Point").all():
        raise InvalidInput(
            N_("The file of nodes holds shapes that are not points."), remedy=N_("Export one point a node.")
        )
    lowered = {str(column).lower().replace("_", ""): column for column in nodes.columns}
    column = next((lowered[name] for name in NODE_HEADINGS if name in lowered), None)
    if column is None:
        raise InvalidInput(
            N_("The file of nodes has no column with their names; it has: {found}."),
            remedy=N_("Call the column node."),
            found=", ".join(lowered.values()),
        )
    frame = pd.DataFrame({"x": nodes.geometry.x, "y": nodes.geometry.y}).set_index(as_text(nodes[column]))
    return frame[~frame.index.duplicated() & frame.index.notna()]


def _notes(figures: StreetFigures) -> list[Note]:
    values: dict[str, object] = {
        "against": figures.against_nodes,
        "unknown": figures.unknown_direction,
        "odd": figures.against_nodes + figures.unknown_direction,
        "segments": figures.segments,
        "components": figures.components,
        "named": figures.nodes_named_by_place,
    }
    told = [
        (
            values["odd"],
            N_(
                "{odd} of {segments} segments are not seen to run from their from-node to their to-node: "
                "{against} run the other way, {unknown} have a node that the file of nodes lacks."
            ),
        ),
        (figures.components > 1, N_("The street graph is in {components} components.")),
        (figures.nodes_named_by_place, N_("{named} ends without a node were named by their place.")),
    ]
    return [Note(what, values) for tell, what in told if tell]
