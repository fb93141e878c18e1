"""Tables made, and brought from an older version to this one, with Alembic."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from clearface.gallery.schema import VERSION_TABLE

REVISIONS = Path(__file__).parent / "migrations"


def migrate(connection: Connection, revisions: Path = REVISIONS) -> None:
    """Runs every revision a database lacks, all of them if it is new, inside the transaction of `connection`.

    revisions: a folder with `versions/` in it. Alembic's own commands are not used: they log, and want a file of settings.
    """
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(revisions))

    def missing(revision: Any, _: MigrationContext) -> Any:  # noqa: ANN401 - Alembic's own types are private
        return script._upgrade_revs("heads", revision)

    context = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "fn": missing, "script": script}
    )
    with Operations.context(context):
        context.run_migrations()
