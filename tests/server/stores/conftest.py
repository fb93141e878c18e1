"""Every store there is, and a server that speaks like S3."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from clearface.server.stores.base import Store


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """Of a server of S3's kind on this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The name of an empty bucket; boto3 finds the server as it would any other."""
    import urllib.request

    for name, value in {
        "AWS_ENDPOINT_URL": s3_address,
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for method, path in (("POST", "moto-api/reset"), ("PUT", "photos")):
        with urllib.request.urlopen(urllib.request.Request(f"{s3_address}/{path}", method=method)):  # noqa: S310
            pass
    return "photos"


@pytest.fixture(params=["folder", "s3", "s3 below a prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> "Store":
    from clearface.server.stores.opening import open_store

    if request.param == "folder":
        return open_store(str(tmp_path / "store"))
    bucket = request.getfixturevalue("bucket")
    return open_store(f"s3://{bucket}" if request.param == "s3" else f"s3://{bucket}/some/where/")


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "a file"
        path.write_bytes(data)
        return path

    return write
