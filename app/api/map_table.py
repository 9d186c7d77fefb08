"""The table of a map as a file."""

from __future__ import annotations

import datetime as dt
import io

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.services import cities
from app.services.map import table as map_table
from app.services.map.prints import file_name

router = APIRouter(prefix="/api/v1/cities", tags=["export"])


@router.get("/{slug}/map-table.csv", summary="The table of a map as CSV", response_class=Response)
def table(request: Request, slug: str) -> Response:
    """Return every row of the table that the address of a map shows; the query is that of the map.

    Features of a layer are an export of that layer, to which the answer leads.
    """
    database = request.app.state.database
    city, file = cities.choose(database, slug), io.BytesIO()
    if map_table.asked(request.query_params).rows in map_table.FEATURES:
        return RedirectResponse(map_table.layer_file(database, city, request.query_params))
    map_table.write(database, city, request.query_params, file)
    name = file_name(city, dt.date.today().isoformat())
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(file.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
