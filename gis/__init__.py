"""Spatial analysis: pure functions on GeoDataFrames and arrays."""
