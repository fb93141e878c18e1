"""Requests to one server, and its errors as exceptions."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError

from clearface.client.errors import (
    Busy,
    NotAuthorized,
    NotFound,
    Refused,
    ServerError,
    StillWorking,
    StrangeAnswer,
    Unavailable,
    Unreachable,
)
from clearface.errors import UsageError

PREFIX = "/api/v1"
_CONNECT_SECONDS = 10.0
_REFUSALS = (400, 403, 405, 406, 413, 415, 422)
_PART = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    status: int
    media_type: str
    data: bytes

    def as_json(self) -> dict[str, Any]:
        """Raises StrangeAnswer where it is no JSON object."""
        try:
            value = json.loads(self.data)
        except ValueError:
            value = None
        if self.media_type != "application/json" or not isinstance(value, dict):
            raise StrangeAnswer(f"what answers there is no clearface server: it said {self.status} and no JSON")
        return value


class Transport:
    """Sends requests to one server. Safe to use from many threads."""

    def __init__(self, address: str, token: str | None, timeout: float, patience: float) -> None:
        """Arguments are those of `Client`. Raises UsageError for an address or a token that cannot be one."""
        try:
            url = urllib3.util.parse_url(address)
        except LocationParseError as error:
            raise UsageError(f"{address}: this cannot be the address of a server") from error
        if url.scheme not in ("http", "https") or url.host is None or url.query or url.fragment or url.auth:
            raise UsageError(f"{address}: the address of a server is like http://127.0.0.1:8000")
        if token is not None and not (token.isascii() and token.isprintable() and " " not in token and token):
            raise UsageError("a token is made of printable ASCII characters without spaces")
        self._address = address.rstrip("/")
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._patience = patience
        # Neither redirects nor proxies of the environment: photos and the token go to that server only.
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=min(_CONNECT_SECONDS, timeout), read=timeout), maxsize=8
        )

    def ask(
        self,
        method: str,
        path: str,
        accept: str = "application/json",
        body: bytes | None = None,
        media_type: str | None = None,
    ) -> Answer:
        """One request and its whole answer, where that is a success.

        Where the server is busy it is asked again as long as patience lasts. Raises ServerError and what comes of it.
        """
        headers = self._headers | {"Accept": accept} | ({"Content-Type": media_type} if media_type else {})
        deadline = time.monotonic() + self._patience
        while True:
            try:
                response = self._pool.request(method, self._address + path, body=body, headers=headers, redirect=False)
            except HTTPError as error:
                raise self._unreachable(error) from error
            answer = _answer(response, response.data)
            try:
                return _success(answer, response)
            except Busy as busy:
                if time.monotonic() + busy.retry_after > deadline:
                    raise
                time.sleep(busy.retry_after)

    def stream(self, path: str, accept: str) -> Iterator[bytes]:
        """The parts of an answer as they come. Raises ServerError and what comes of it, in between too."""
        try:
            response = self._pool.request(
                "GET", self._address + path, headers=self._headers | {"Accept": accept}, redirect=False,
                preload_content=False,
            )  # fmt: skip
        except HTTPError as error:
            raise self._unreachable(error) from error
        try:
            if response.status != HTTPStatus.OK:
                _success(_answer(response, response.read()), response)
            while part := response.read1(_PART):
                yield part
        except HTTPError as error:
            raise self._unreachable(error) from error
        finally:
            response.close()  # what is left of it is not waited for

    def close(self) -> None:
        self._pool.clear()

    def __enter__(self) -> "Transport":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _unreachable(self, error: HTTPError) -> Unreachable:
        if isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(
            error, urllib3.exceptions.NewConnectionError
        ):
            return Unreachable(f"{self._address}: there was no answer in time")
        if isinstance(error, urllib3.exceptions.NewConnectionError | urllib3.exceptions.SSLError):
            return Unreachable(f"{self._address}: there is no server that answers")
        return Unreachable(f"{self._address}: the connection broke")


def _answer(response: urllib3.BaseHTTPResponse, data: bytes) -> Answer:
    return Answer(response.status, response.headers.get("Content-Type", "").partition(";")[0].strip().lower(), data)


def _success(answer: Answer, response: urllib3.BaseHTTPResponse) -> Answer:
    """The answer, where it is a good one; raises what it means otherwise."""
    if answer.status in (HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT):
        return answer
    retry_after = response.headers.get("Retry-After")
    told = _told(answer)
    sentence = told.get("error")
    if not isinstance(sentence, str) or not sentence:
        sentence = f"the server answered {answer.status} and did not say why"
    seconds = float(retry_after) if retry_after is not None and retry_after.isdecimal() else 1.0
    if answer.status == HTTPStatus.UNAUTHORIZED:
        raise NotAuthorized(sentence)
    if answer.status == HTTPStatus.NOT_FOUND:
        raise NotFound(sentence)
    if answer.status == HTTPStatus.CONFLICT:
        raise StillWorking(sentence)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Busy(sentence, seconds)
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
        raise Unavailable(sentence, seconds)
    if answer.status in _REFUSALS:
        raise Refused(sentence, _fields(told.get("fields")))
    raise ServerError(sentence)


def _told(answer: Answer) -> dict[str, Any]:
    """What an error says; nothing where a proxy before the server answered in words of its own."""
    try:
        return answer.as_json()
    except StrangeAnswer:
        return {}


def _fields(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        return {}
    return {str(name): tuple(str(line) for line in lines) for name, lines in value.items() if isinstance(lines, list)}
