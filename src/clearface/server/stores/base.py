"""What every store is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from clearface.errors import ClearfaceError

CHECKS = "check-"
"""What the names begin with that `Store.check` writes; nothing else is called so."""


class Missing(ClearfaceError):
    """There is nothing of that name."""


class StoreAway(ClearfaceError):
    """The store cannot be reached."""


class Store(Protocol):
    """Bytes by name. A name is made of parts of letters, digits, `-`, `_` and `.`, joined by `/`; no part begins with a dot
    or is longer than 100 characters, and anything else raises ValueError.

    An entry is there whole or not at all. Every method raises StoreAway where the store cannot be reached. Safe to use from many
    threads and processes.
    """

    def put(self, name: str, data: bytes) -> None:
        """Writes, over what may be there."""
        ...

    def put_file(self, name: str, path: Path) -> None:
        """As `put`; the file may be moved away."""
        ...

    def get(self, name: str) -> bytes:
        """Raises Missing."""
        ...

    def size(self, name: str) -> int | None:
        """In bytes; None where there is nothing of that name."""
        ...

    def names(self, prefix: str) -> Iterator[str]:
        """All names below a prefix that ends with `/`, sorted; all there are for an empty one."""
        ...

    def delete(self, prefix: str) -> None:
        """Everything below a prefix that ends with `/`; nothing there is no error."""
        ...

    def check(self) -> None:
        """Writes, reads and deletes. Raises StoreAway, saying why."""
        ...
