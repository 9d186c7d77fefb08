"""Writers: set-based writes of many rows in one transaction."""
