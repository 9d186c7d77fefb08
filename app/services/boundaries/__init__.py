"""Boundaries of projects: drawn, edited, checked, taken back, and brought in from files."""
