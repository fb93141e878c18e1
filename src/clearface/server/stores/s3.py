"""Bytes in a bucket of S3, or of any store that speaks like it."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore import exceptions
from botocore.config import Config

from clearface.errors import UsageError
from clearface.server.stores.base import CHECKS, Missing, StoreAway
from clearface.server.stores.names import check_name, check_prefix

_CONNECT_SECONDS = 3
_READ_SECONDS = 15
_TRIES = 3
_CONNECTIONS = 32

_AT_ONCE = 1000
"""What S3 deletes with one question."""

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]+")

_NOTHING = {"404", "NoSuchKey", "NotFound"}
_NO_BUCKET = "NoSuchBucket"
_NOT_ALLOWED = {"401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}


class S3Store:
    """See `clearface.server.stores.base.Store`.

    address: `s3://bucket/prefix`; everything is kept below the prefix. Endpoint, region and credentials are what boto3 finds:
    `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, a profile, or the role of the machine.
    Raises UsageError for an address that cannot be one; the store is not asked yet.
    """

    def __init__(self, address: str) -> None:
        self._bucket, self._prefix = _bucket_and_prefix(address)
        config = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            max_pool_connections=_CONNECTIONS,
            retries={"total_max_attempts": _TRIES, "mode": "standard"},
            # not all that speak like S3 know the checksums Amazon's own asks for
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        try:
            self._client: Any = boto3.session.Session().client("s3", config=config)
        except (exceptions.BotoCoreError, ValueError) as error:
            raise UsageError(f"the store cannot be used as it is set up: {error}") from error

    def put(self, name: str, data: bytes) -> None:
        """Writes, over what may be there. Raises StoreAway."""
        with self._errors_told():
            self._client.put_object(Bucket=self._bucket, Key=self._key(name), Body=data)

    def put_file(self, name: str, path: Path) -> None:
        """As `put`; large files go in parts, and are there only once all of them are."""
        with self._errors_told():
            self._client.upload_file(str(path), self._bucket, self._key(name))

    def get(self, name: str) -> bytes:
        """Raises Missing, StoreAway."""
        with self._errors_told():
            body = self._client.get_object(Bucket=self._bucket, Key=self._key(name))["Body"]
            with body:
                data: bytes = body.read()
        return data

    def size(self, name: str) -> int | None:
        """In bytes; None where there is nothing of that name. Raises StoreAway."""
        try:
            with self._errors_told():
                size: int = self._client.head_object(Bucket=self._bucket, Key=self._key(name))["ContentLength"]
        except Missing:
            return None
        return size

    def names(self, prefix: str) -> Iterator[str]:
        """All names below a prefix that ends with `/`, sorted; all there are for an empty one. Raises StoreAway."""
        check_prefix(prefix)
        with self._errors_told():  # a bucket that is no Amazon's may list in any order
            keys = sorted(key for page in self._pages(prefix) for key in page)
        return (key.removeprefix(self._prefix) for key in keys)

    def delete(self, prefix: str) -> None:
        """Everything below a prefix that ends with `/`; nothing there is no error. Raises StoreAway."""
        check_prefix(prefix)
        with self._errors_told():
            keys = [key for page in self._pages(prefix) for key in page]
            for start in range(0, len(keys), _AT_ONCE):
                objects = [{"Key": key} for key in keys[start : start + _AT_ONCE]]
                answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
                if errors := answer.get("Errors"):
                    raise StoreAway(f"the store does not delete: {errors[0].get('Code', 'no reason given')}")

    def check(self) -> None:
        """Writes, reads and deletes. Raises StoreAway, saying why."""
        name, data = f"{CHECKS}{secrets.token_hex(8)}/probe", secrets.token_bytes(16)
        try:
            self.put(name, data)
            if self.get(name) != data:
                raise StoreAway("the store does not give back what was written")
            self.delete(name.partition("/")[0] + "/")
        except Missing as error:
            raise StoreAway("the store does not give back what was written") from error

    def _key(self, name: str) -> str:
        check_name(name)
        return self._prefix + name

    def _pages(self, prefix: str) -> Iterator[list[str]]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix
        )
        for page in pages:
            yield [entry["Key"] for entry in page.get("Contents", ())]

    @contextmanager
    def _errors_told(self) -> Iterator[None]:
        """What boto3 raises becomes Missing or StoreAway; sentences hold neither keys nor addresses with secrets."""
        try:
            yield
        except exceptions.ClientError as error:
            raise self._told(error) from error
        except exceptions.NoCredentialsError as error:
            raise StoreAway("the store has no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") from error
        except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
            raise StoreAway(f"the store cannot be reached ({type(error).__name__})") from error
        except (exceptions.BotoCoreError, S3UploadFailedError) as error:
            raise StoreAway(f"the store cannot be used ({type(error).__name__})") from error

    def _told(self, error: exceptions.ClientError) -> Missing | StoreAway:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code == _NO_BUCKET:
            return StoreAway(f"the store has no bucket {self._bucket}")
        if code in _NOTHING:
            return Missing("there is nothing of that name")
        if code in _NOT_ALLOWED:
            return StoreAway(f"the store refuses the credentials ({code})")
        return StoreAway(f"the store answers with an error ({code or 'unknown'})")


def _bucket_and_prefix(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    prefix = parts.path.strip("/")
    if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc) or parts.query or parts.fragment:
        raise _no_address()
    try:
        if prefix:
            check_name(prefix)
    except ValueError as error:
        raise _no_address() from error
    return parts.netloc, f"{prefix}/" if prefix else ""


def _no_address() -> UsageError:
    return UsageError("the store has to look like s3://bucket or s3://bucket/prefix")
