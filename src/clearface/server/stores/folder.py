"""A store in a folder, which several machines may share."""

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from clearface.files.explanations import reason
from clearface.server.stores.base import CHECKS, Missing, StoreAway
from clearface.server.stores.names import check_name, check_prefix

_UNFINISHED = ".unfinished-"


class FolderStore:
    """Every entry is a file. Only the owner can read what is made here."""

    def __init__(self, root: Path) -> None:
        """root: made where it is missing. Raises StoreAway where it cannot be."""
        self._root = root
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._away(error) from error

    def put(self, name: str, data: bytes) -> None:
        """As `Store.put`."""
        target = self._path(name)
        temporary = target.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                    stream.write(data)
                temporary.replace(target)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._away(error) from error

    def put_file(self, name: str, path: Path) -> None:
        """As `Store.put_file`; moved where it lies on the same disk."""
        target = self._path(name)
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.replace(target)
        except OSError:
            try:
                data = path.read_bytes()
            except OSError as error:
                raise self._away(error) from error
            self.put(name, data)

    def get(self, name: str) -> bytes:
        """As `Store.get`."""
        try:
            return self._path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise Missing(f"there is no {name}") from error
        except OSError as error:
            raise self._away(error) from error

    def size(self, name: str) -> int | None:
        """As `Store.size`."""
        try:
            status = self._path(name).stat()
            return status.st_size if stat.S_ISREG(status.st_mode) else None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._away(error) from error

    def names(self, prefix: str) -> Iterator[str]:
        """As `Store.names`."""
        start = self._folder(prefix)
        found = []
        for folder, _, files in os.walk(start):  # leaves out what vanishes meanwhile
            found += [
                Path(folder, file).relative_to(self._root).as_posix() for file in files if not file.startswith(".")
            ]
        yield from sorted(found)

    def delete(self, prefix: str) -> None:
        """As `Store.delete`."""
        folder = self._folder(prefix)
        for _ in range(3):  # a result written meanwhile keeps its folder from going
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                return
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._away(error) from error

    def check(self) -> None:
        """As `Store.check`."""
        prefix, data = f"{CHECKS}{secrets.token_hex(8)}/", secrets.token_bytes(16)
        try:
            self.put(f"{prefix}probe", data)
            if self.get(f"{prefix}probe") != data:
                raise StoreAway("the folder of results does not give back what was written into it")
            self.delete(prefix)
        except Missing as error:
            raise StoreAway("the folder of results does not give back what was written into it") from error

    def _path(self, name: str) -> Path:
        check_name(name)
        return self._root / name

    def _folder(self, prefix: str) -> Path:
        check_prefix(prefix)
        return self._root / prefix

    def _away(self, error: OSError) -> StoreAway:
        return StoreAway(f"the folder of results cannot be used: {reason(error)}")
