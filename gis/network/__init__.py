"""The walking network 步行网络: places snapped onto streets, distances on foot, catchments."""

from gis.network.edges import NetworkReport
from gis.network.entrances import entrances
from gis.network.snap import Snapped
from gis.network.walk import WalkNetwork

__all__ = ["NetworkReport", "Snapped", "WalkNetwork", "entrances"]
