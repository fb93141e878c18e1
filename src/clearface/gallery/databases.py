"""What a gallery needs of a database, of whatever kind."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from clearface.errors import GalleryError
from clearface.gallery.places import Place

LONGEST_WAIT = 30
"""Seconds that one program waits for another to finish writing."""


class Database(ABC):
    """A database that is open; each transaction has a connection of its own, so threads may share it."""

    def __init__(self, place: Place, engine: Engine) -> None:
        self.place = place
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees the gallery at one moment. Raises GalleryError."""
        with self._explained(), self._connected() as connection, connection.begin():
            self._begin_reading(connection)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writes beside; kept whole at the end of the block, or not at all. Raises GalleryError."""
        with self._explained(), self._connected() as connection:
            connection = connection.execution_options(writing=True)
            with connection.begin():
                self._begin_writing(connection)
                yield connection

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """A connection without a transaction, for what a database does in none."""
        with self._explained(), self._engine.connect() as connection:
            yield self._begin_alone(connection)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise GalleryError(f"{self.place.shown}: {self._explain(error)}") from error

    def close(self) -> None:
        """Lets go of it."""
        self._engine.dispose()

    @abstractmethod
    def _begin_alone(self, connection: Connection) -> Connection: ...

    @abstractmethod
    def _begin_reading(self, connection: Connection) -> None: ...

    @abstractmethod
    def _begin_writing(self, connection: Connection) -> None: ...

    @abstractmethod
    def _explain(self, error: SQLAlchemyError) -> str:
        """What is wrong, in words that follow the place."""

    @abstractmethod
    def check(self) -> None:
        """Looks at all of it, where the database has a way to. Raises GalleryError where it is damaged."""

    @abstractmethod
    def erase_traces(self) -> None:
        """Writes the database anew, so that nothing of what was removed is left in its files.

        Raises GalleryError where that cannot be done; what was removed stays removed.
        """

    @abstractmethod
    def size(self) -> int:
        """Bytes of all it holds."""


def first_line(error: SQLAlchemyError) -> str:
    """What the database itself said."""
    original = getattr(error, "orig", None) or error
    return (str(original).strip() or type(original).__name__).splitlines()[0]
