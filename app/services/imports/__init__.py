"""Files into the database: one module for each kind of list, in one transaction each."""
