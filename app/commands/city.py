"""`gengxin city`: the cities that this installation holds."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands.options import Json
from app.console import actor, opened, say, show, working
from data.errors import N_

commands = typer.Typer(help="The cities that this installation holds.", no_args_is_help=True)


@commands.command("list")
def city_list(as_json: Json = False) -> None:
    """List the cities."""
    from app.services.cities import every  # noqa: PLC0415

    with opened() as database:
        rows = [dict(row) for row in every(database)]
    columns = ("slug", "name_zh", "name_en", "metric_srid", "currency", "synthetic")
    show(rows, as_json, (columns, ([row[name] for name in columns] for row in rows)))


@commands.command("show")
def city_show(slug: str, as_json: Json = False) -> None:
    """Show a city with its districts and notices."""
    from app.services.city_setup import show_city  # noqa: PLC0415

    with opened() as database:
        card = show_city(database, slug)
    districts = ("code", "name_zh", "name_en", "kind", "section", "has_boundary")
    notices = ("number", "published_on", "source_name", "imported_by", "imported_at")
    show(
        card,
        as_json,
        (("what", "value"), card.city.items()),
        (districts, ([row[name] for name in districts] for row in card.districts)),
        (notices, ([row[name] for name in notices] for row in card.notices)),
    )


@commands.command("add")
def city_add(  # noqa: PLR0913, PLR0917
    slug: str,
    name_zh: Annotated[str, typer.Option(help="Name in Chinese.")],
    name_en: Annotated[str, typer.Option(help="Name in English.")],
    srid: Annotated[int, typer.Option(help="EPSG number of its projected coordinate system in metres.")],
    currency: Annotated[str, typer.Option(help="Currency of its amounts.")] = "CNY",
    attribution: Annotated[
        str, typer.Option(help="Source and licence, shown with every map and export.")
    ] = "",
    code_pattern: Annotated[
        str | None, typer.Option(help="Pattern of project codes with groups year, batch, serial.")
    ] = None,
    synthetic: Annotated[bool, typer.Option(help="Its data are invented.")] = False,
) -> None:
    """Add a city."""
    from app.services.city_setup import add_city  # noqa: PLC0415

    with opened() as database:
        add_city(
            database,
            slug,
            name_zh=name_zh,
            name_en=name_en,
            metric_srid=srid,
            currency=currency,
            attribution=attribution,
            code_pattern=code_pattern,
            synthetic=synthetic,
            actor=actor(),
        )
    say(N_("added {slug}"), slug=slug)


@commands.command("demo")
def city_demo(
    scale: Annotated[float, typer.Option(help="Size: 1 is about 15,000 buildings and 300 projects.")] = 1,
    seed: Annotated[
        int, typer.Option(help="Which of the possible cities; the same seed gives the same.")
    ] = 1,
    slug: Annotated[str, typer.Option(help="Its name in addresses and commands.")] = "demo-city",
) -> None:
    """Generate and load a synthetic city, labelled as such, with every layer filled."""
    from app.services.demo import load_demo_city  # noqa: PLC0415
    from app.terms import term  # noqa: PLC0415
    from data import codes  # noqa: PLC0415

    with working(N_("generating the city")) as tell, opened() as database:
        loaded = load_demo_city(
            database, scale, seed, slug=slug, report=lambda layer: tell(term(codes.LAYERS, layer) or layer)
        )
    say(N_("added {slug}") if loaded else N_("{slug} is there already; nothing was changed"), slug=slug)
