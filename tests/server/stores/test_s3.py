import sys

import pytest

from clearface.errors import DependencyError, UsageError
from clearface.server.stores.base import StoreAway
from clearface.server.stores.opening import open_store


@pytest.mark.parametrize(
    "address",
    ["s3://", "s3:bucket", "s3:///prefix", "s3://name:word@bucket/x", "s3://bucket/x?y=1", "s3://bucket/../x"],
)
def test_an_address_that_cannot_be_one_is_refused(bucket: str, address: str) -> None:
    with pytest.raises(UsageError, match="s3://bucket/prefix"):
        open_store(address)


def test_more_entries_than_go_into_one_answer(bucket: str) -> None:
    from moto.s3.models import s3_backends

    server = s3_backends["123456789012"]["aws"]  # a thousand questions over HTTP would take a while
    names = [*(f"here/job/{number}" for number in range(1003)), "here/kept", "job/outside"]
    for name in names:
        server.put_object(bucket, name, b"")
    store = open_store(f"s3://{bucket}/here")
    assert len(list(store.names("job/"))) == 1003
    store.delete("job/")
    assert list(open_store(f"s3://{bucket}").names("")) == ["here/kept", "job/outside"]


def test_a_bucket_that_is_not_there_is_named(bucket: str) -> None:
    with pytest.raises(StoreAway, match="the store has no bucket elsewhere"):
        open_store("s3://elsewhere").check()
    with pytest.raises(StoreAway, match="elsewhere"):
        open_store("s3://elsewhere").get("job/job.json")


def test_a_store_that_cannot_be_reached_is_away(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    store = open_store(f"s3://{bucket}")
    for ask in (store.check, lambda: store.get("a"), lambda: store.size("a"), lambda: list(store.names(""))):
        with pytest.raises(StoreAway, match=r"^the store cannot be reached \(EndpointConnectionError\)$"):
            ask()


def test_missing_credentials_are_told(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(StoreAway, match="AWS_ACCESS_KEY_ID"):
        open_store(f"s3://{bucket}").check()


def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, "clearface.server.stores.s3", raising=False)
    with pytest.raises(DependencyError, match=r'pip install "clearface\[s3\]"'):
        open_store("s3://bucket")
