"""A gallery in a PostgreSQL database."""

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from clearface.errors import DependencyError
from clearface.gallery.databases import LONGEST_WAIT, Database, first_line
from clearface.gallery.places import Place
from clearface.gallery.schema import NEAREST_TABLE, tables

_LONGEST_CONNECTING = 10
_LOCK_FAMILY = 0x434C4647
_NO_LOCK = "55P03"
_READ_ONLY = "25006"
_REFUSED = "42501"
_FATAL = "FATAL:"


def open_postgresql(place: Place) -> "PostgresDatabase":
    """The database on its server, which is asked for nothing yet. Raises DependencyError without psycopg and pgvector."""
    try:
        import pgvector
        import psycopg  # noqa: F401
    except ImportError as error:
        raise DependencyError(
            "galleries in PostgreSQL need more packages: install them with `pip install 'clearface[postgres]'`"
        ) from error
    del pgvector
    return PostgresDatabase(place)


class PostgresDatabase(Database):
    """Tables in the schema a connection finds first, usually `public`."""

    def __init__(self, place: Place) -> None:
        engine = create_engine(
            place.url,
            poolclass=NullPool,  # a server that was started anew is met by a new connection
            connect_args={"connect_timeout": _LONGEST_CONNECTING},
        )
        super().__init__(place, engine)

    def _begin_alone(self, connection: Connection) -> Connection:
        return connection.execution_options(isolation_level="AUTOCOMMIT")

    def _begin_reading(self, connection: Connection) -> None:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))

    def _begin_writing(self, connection: Connection) -> None:
        connection.execute(text(f"SET LOCAL lock_timeout = '{LONGEST_WAIT}s'"))
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:family, hashtext(current_schema()))"), {"family": _LOCK_FAMILY}
        )

    def _explain(self, error: SQLAlchemyError) -> str:
        state = getattr(getattr(error, "orig", None), "sqlstate", None)
        if state == _NO_LOCK:
            return f"another program has been writing to it for {LONGEST_WAIT} seconds: try again when it is done"
        if state in (_READ_ONLY, _REFUSED):
            return f"the database server does not allow it: {first_line(error)}"
        said = first_line(error)
        if _FATAL in said and state is None:  # it answers, and does not let anybody in
            return f"the database server refuses the connection: {said.partition(_FATAL)[2].strip()}"
        if isinstance(error, OperationalError | InterfaceError) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        ):
            return f"the database server cannot be reached, or went away; nothing of this step was kept ({said})"
        return f"the database refused: {said}"

    def check(self) -> None:
        """Nothing: the server looks after its own files."""

    def erase_traces(self) -> None:
        with self._alone() as connection:
            for name in _names(connection):  # only a full one leaves no page of the old file
                connection.execute(text(f"VACUUM (FULL, ANALYZE) {name}"))

    def size(self) -> int:
        with self.reading() as connection:
            return sum(
                connection.execute(
                    text("SELECT pg_total_relation_size(CAST(:name AS regclass))"), {"name": name}
                ).scalar_one()
                for name in _names(connection)
            )


def _names(connection: Connection) -> list[str]:
    """Of all tables of the gallery; that of pgvector's is there or not."""
    there = connection.execute(text("SELECT to_regclass(:name)"), {"name": NEAREST_TABLE}).scalar_one() is not None
    return [*tables.tables, *([NEAREST_TABLE] if there else [])]
