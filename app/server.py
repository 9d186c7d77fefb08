"""One ASGI application: the dashboard, exports, health, and the headers that keep them safe."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from dash import Dash
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.gzip import GZipMiddleware

from app import i18n, pages
from app.api import exports, figures, health, indicators, layers, map_table, prints, problems, tiles, walk
from app.components.map import basemap
from app.components.shell import page_frame, report
from app.reader import ReaderMiddleware, theme
from app.security import SecurityHeaders
from app.services.start import database_for
from app.settings import Settings, settings
from data.session import Database

HERE = Path(__file__).parent
INDEX = """<!DOCTYPE html>
<html lang="{lang}" data-mantine-color-scheme="{theme}">
<head>{metas}
<title>{title}</title>{favicon}{css}</head>
<body>{app_entry}{config}{scripts}{renderer}</body>
</html>"""


class Dashboard(Dash):  # type: ignore[misc]
    """Dash with the reader's language and theme in the page's root element."""

    def interpolate_index(self, **parts: Any) -> str:
        """Fill the page that every address answers with."""
        lang = "zh-CN" if i18n.language() == "zh_CN" else "en"
        return INDEX.format(lang=lang, theme=theme(), **parts)


def create_app(chosen: Settings, database: Database) -> FastAPI:
    """Build the application on a database that is reachable and up to date."""
    server = FastAPIOffline(
        title="Gengxin",
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
        static_url="/api/docs-static",
    )
    server.state.database = database
    server.state.settings = chosen
    problems.register(server)
    server.include_router(health.router)
    server.include_router(exports.router)
    server.include_router(layers.router)
    server.include_router(figures.router)
    server.include_router(tiles.router)
    server.include_router(prints.router)
    server.include_router(map_table.router)
    server.include_router(walk.router)
    server.include_router(indicators.router)
    dashboard = _dashboard(server)
    server.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    embedders = re.findall(r"[^ ,]+", chosen.embed_origins)
    server.add_middleware(
        SecurityHeaders, dashboard=dashboard, basemap=basemap.addresses(chosen), embedders=embedders
    )
    server.add_middleware(ReaderMiddleware, default=chosen.language)
    return server


def application() -> FastAPI:
    """Build the application that the settings of this process ask for; what the web server calls."""
    chosen = settings()
    return create_app(chosen, database_for(chosen))


def _dashboard(server: FastAPI) -> Dash:
    dashboard = Dashboard(
        "app",
        server=server,
        backend="fastapi",
        assets_folder=str(HERE / "assets"),
        title="Gengxin 更新",
        update_title="",
        suppress_callback_exceptions=True,
        on_error=report,
        add_log_handler=False,
    )
    dashboard.layout = page_frame
    dashboard.backend.websocket_capability = False
    dashboard._setup_server()
    dashboard.server.state.pages = pages.LAYOUTS
    return dashboard
