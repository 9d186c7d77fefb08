"""HTTP beside the dashboard: health, GeoJSON layers, exports."""
