"""Settings, read once from the environment (prefix ``GENGXIN_``)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ORIGIN = r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"


class Settings(BaseSettings):
    """Everything that a person running Gengxin may choose; each has a working default."""

    model_config = SettingsConfigDict(env_prefix="GENGXIN_", env_file=None, extra="ignore")

    database_url: str | None = Field(
        None, description="SQLAlchemy or libpq URL of a PostGIS database; unset: the embedded server"
    )
    home: Path | None = Field(None, description="Folder of the embedded server's data, socket and log")
    host: str = Field("127.0.0.1", description="Address that the dashboard listens on")
    port: int = Field(8050, ge=1, le=65535, description="Port that the dashboard listens on")
    workers: int = Field(1, ge=1, le=64, description="Web processes")
    pool_size: int = Field(8, ge=1, le=200, description="Database connections of one web process")
    log_level: str = Field("info", pattern="^(critical|error|warning|info|debug)$")
    language: str = Field(
        "zh_CN", pattern="^(zh_CN|en)$", description="Language when the browser asks for neither"
    )
    max_upload_mb: int = Field(64, ge=1, le=2048, description="Largest file that the pages accept")
    basemap: str = Field(
        "none",
        pattern="^(none|tianditu|osm)$",
        description="Map under the layers: none, tianditu (needs a key) or osm",
    )
    tianditu_key: str = Field("", description="Key of the 天地图 tile service")
    map_approval: str = Field("", description="Approval number 审图号 of the map, shown on it")
    basemap_url: str | None = Field(
        None, description="Raster tiles under the map, with {z}/{x}/{y}; unset: a plain background"
    )
    basemap_attribution: str = Field("", description="Text that the basemap's owner asks for, or a 审图号")
    embed_origins: str = Field(
        "",
        pattern=rf"^(?:{ORIGIN}(?:[ ,]+{ORIGIN})*)?$",
        description="Sites that may show the embedded map in a frame, as https://host, separated by commas",
    )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
