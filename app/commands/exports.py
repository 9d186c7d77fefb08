"""`gengxin export`: what the pages show, and the layers of a city, as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import City
from app.console import current_settings, opened, pairs, say, working
from data.codes import LAYERS
from data.errors import N_

commands = typer.Typer(help="Export what the pages show, and layers.", no_args_is_help=True)
Out = Annotated[Path, typer.Option(help="File to write: .gpkg, .parquet, .geojson, .shp.zip, .csv or .xlsx.")]
Keep = Annotated[
    list[str] | None,
    typer.Option("--filter", metavar="NAME=VALUE", help="A filter as in a page's address."),
]
Area = Annotated[
    str | None,
    typer.Option(help="rect:W,S,E,N, circle:LON,LAT,METRES, poly:LON LAT,LON LAT,... or district:CODE."),
]
Inside = Annotated[bool, typer.Option("--inside", help="Only projects that lie wholly within the area.")]
Crs = Annotated[str | None, typer.Option("--crs", help="EPSG number: 4326 or the city's metric one.")]
Spoken = Annotated[str | None, typer.Option(help="zh_CN or en.")]


def _export(layer: str) -> Callable[..., None]:
    def export_layer(  # noqa: PLR0913, PLR0917
        city: City,
        out: Out,
        keep: Keep = None,
        area: Area = None,
        inside: Inside = False,
        crs: Crs = None,
        language: Spoken = None,
    ) -> None:
        from app.services.exports.layers import write_layer_file  # noqa: PLC0415
        from app.services.exports.projects import FORMATS, write_export  # noqa: PLC0415

        asked = {"area": area or "", "inside": "1" if inside else "", "crs": crs or ""}
        params = pairs(keep or (), "--filter") | asked
        spoken = current_settings(language=language).language
        listed = layer == "projects" and out.suffix.lower().lstrip(".") in FORMATS
        with working(N_("writing {file}"), file=out.name), opened() as database:
            if listed:
                count = write_export(database, city, out, params, spoken)
            else:
                count = write_layer_file(database, city, layer, out, params, spoken)
        if layer == "projects":
            say(N_("wrote {count} projects to {file}"), count=count, file=out)
        else:
            say(N_("wrote {count} features to {file}"), count=count, file=out)

    return export_layer


for _layer, _term in LAYERS.items():
    commands.command(_layer, help=f"Export {_term.en[0].lower()}{_term.en[1:]} {_term.zh}.")(_export(_layer))


@commands.command("indicators")
def export_indicators(  # noqa: PLR0913, PLR0917
    city: City,
    out: Out,
    units: Annotated[
        str, typer.Option(help="district, zone, renewal_unit, grid, hexagon, project, catchment or area.")
    ] = "district",
    indicator: Annotated[str, typer.Option(help="Code of an indicator, such as road_density.")] = "",
    of_class: Annotated[str, typer.Option("--class", help="Class of facility, street, ...")] = "",
    basis: Annotated[str, typer.Option(help="population, floor_area, land or area.")] = "",
    run: Annotated[str, typer.Option(help="Number of a run; the newest if not given.")] = "",
    language: Spoken = None,
) -> None:
    """Export an indicator of a city's units 指标: values, verdicts and where they come from."""
    from app.services.indicators.export import write_indicator_file  # noqa: PLC0415

    asked = {"units": units, "indicator": indicator, "class": of_class, "basis": basis, "run": run}
    spoken = current_settings(language=language).language
    with working(N_("writing {file}"), file=out.name), opened() as database:
        count = write_indicator_file(database, city, out, asked, spoken)
    say(N_("wrote {count} features to {file}"), count=count, file=out)
