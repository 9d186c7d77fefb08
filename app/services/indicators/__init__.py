"""Indicators: the catalogue, runs and what they store, thresholds, the page, exports and docs."""
