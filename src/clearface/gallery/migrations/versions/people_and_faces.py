"""People, their faces and the models that embedded them."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables of the first version."""
    op.create_table(
        "clearface_people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False, unique=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("link", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "clearface_models",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.UniqueConstraint("name", "checksum"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "clearface_faces",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("clearface_people.id", ondelete="CASCADE"), nullable=False),
        sa.Column("model_id", sa.Integer, sa.ForeignKey("clearface_models.id"), nullable=False),
        sa.Column("photo", sa.Text, nullable=False),
        sa.Column("photo_checksum", sa.String(64), nullable=False),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("added", sa.DateTime, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("person_id", "photo_checksum"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_clearface_faces_person_id", "clearface_faces", ["person_id"])
    op.create_index("ix_clearface_faces_model_id", "clearface_faces", ["model_id"])
    op.create_table(
        "clearface_thumbnails",
        sa.Column(
            "face_id",
            sa.Integer,
            sa.ForeignKey("clearface_faces.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("picture", sa.LargeBinary, nullable=False),
    )
    state = op.create_table(
        "clearface_state",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.String(32), nullable=False),
    )
    op.bulk_insert(state, [{"id": 1, "revision": ""}])
