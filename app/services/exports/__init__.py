"""The database into files: exactly the rows of a filter, with a dictionary of their columns."""
