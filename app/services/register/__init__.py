"""The project library: its totals, its notices, and how one notice differs from another."""
