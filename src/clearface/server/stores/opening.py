"""From what a server is told to the store it means."""

from pathlib import Path

from clearface.errors import DependencyError
from clearface.server.stores.base import Store


def open_store(address: str) -> Store:
    """address: a folder, or `s3://bucket/prefix`.

    Raises UsageError for an address that cannot be one, DependencyError where S3 needs a package, StoreAway for a folder that
    cannot be made.
    """
    if address.startswith("s3:"):
        return _open_s3(address)
    from clearface.server.stores.folder import FolderStore

    return FolderStore(Path(address).expanduser())


def _open_s3(address: str) -> Store:
    try:
        from clearface.server.stores.s3 import S3Store
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("boto3", "botocore"):
            raise
        raise DependencyError('a store in S3 needs a package: pip install "clearface[s3]"') from error
    return S3Store(address)
