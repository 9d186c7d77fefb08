"""One file per use case: read through data, compute with gis, write through data."""
