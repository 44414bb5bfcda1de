"""The versions of the tables, a file each."""
