"""The explorer: the map, what stands around it, and how its address says all of it."""
