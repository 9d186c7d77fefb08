"""Readers: files from people to frames and rows, with errors that name row and field."""
