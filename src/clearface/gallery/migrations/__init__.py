"""Revisions of the tables, which Alembic runs one after the other."""
