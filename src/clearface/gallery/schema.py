"""The tables of a gallery, the same in SQLite and PostgreSQL; their names have a prefix, since a database may hold others."""

from sqlalchemy import (
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = 1
"""Of the tables below: the number of the newest revision in `migrations/versions`."""

VERSION_TABLE = "clearface_schema_version"

NEAREST_TABLE = "clearface_nearest"
"""Beside the tables below, where the server has pgvector."""

tables = MetaData()

people = Table(
    "clearface_people",
    tables,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # what names are compared by
    Column("description", Text, nullable=False),
    Column("link", Text),
    sqlite_autoincrement=True,
)

models = Table(
    "clearface_models",
    tables,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("checksum", String(64), nullable=False),
    Column("dimension", Integer, nullable=False),
    UniqueConstraint("name", "checksum"),
    sqlite_autoincrement=True,
)

faces = Table(
    "clearface_faces",
    tables,
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer, ForeignKey(people.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("model_id", Integer, ForeignKey(models.c.id), nullable=False, index=True),
    Column("photo", Text, nullable=False),
    Column("photo_checksum", String(64), nullable=False),
    Column("quality", Float, nullable=False),
    Column("added", DateTime, nullable=False),  # in UTC
    Column("vector", LargeBinary, nullable=False),  # float32, little-endian
    UniqueConstraint("person_id", "photo_checksum"),
    sqlite_autoincrement=True,  # the number of a face is never given again
)

thumbnails = Table(
    "clearface_thumbnails",  # apart from the faces, so that all vectors are read without them
    tables,
    Column("face_id", Integer, ForeignKey(faces.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("picture", LargeBinary, nullable=False),
)

state = Table(
    "clearface_state",
    tables,
    Column("id", Integer, primary_key=True, autoincrement=False),  # there is one row
    Column("revision", String(32), nullable=False),  # another one after every change
)
