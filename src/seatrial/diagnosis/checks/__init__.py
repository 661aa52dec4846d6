"""The catalogue's checks, one family a file."""
