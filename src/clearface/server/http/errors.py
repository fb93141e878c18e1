"""Everything that goes wrong is answered in one way: JSON with one sentence."""

import logging
import traceback
from collections.abc import Mapping, Sequence

from apiflask import APIFlask, HTTPError
from flask import Response, jsonify, request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException

from clearface.errors import ClearfaceError, PhotoError, UsageError
from clearface.server.http.rate_limit import seconds_to_wait
from clearface.server.jobs.base import QueueAway, QueueFull, StillWorking, UnknownJob
from clearface.server.stores.base import Missing, StoreAway

RETRY_AWAY = 10
"""Seconds after which a queue or a store that is away may be back."""

_LOG = logging.getLogger("clearface.server")


class ApiError(ClearfaceError):
    """An answer other than what was asked for."""

    def __init__(
        self,
        status: int,
        sentence: str,
        fields: Mapping[str, Sequence[str]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        """fields: sentences about single options. retry_after: seconds until it is worth trying again."""
        super().__init__(sentence)
        self.status = status
        self.fields = fields
        self.retry_after = retry_after


def field_error(name: str, sentence: str) -> ApiError:
    """What is wrong with one option."""
    return ApiError(422, sentence, {name: [sentence]})


def error_answer(error: ApiError) -> Response:
    """The answer of an error."""
    body: dict[str, object] = {"error": str(error)}
    if error.fields:
        body["fields"] = {name: list(sentences) for name, sentences in error.fields.items()}
    response = jsonify(body)
    response.status_code = error.status
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="clearface"'
    return response


def register_errors(app: APIFlask) -> None:
    """Has every error of the app answered so, Flask's own too."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(HTTPError, _apiflask_error)
    app.register_error_handler(ClearfaceError, _clearface_error)
    app.register_error_handler(Exception, _unexpected)


def as_api_error(error: ClearfaceError) -> ApiError:
    """How an error of clearface is answered."""
    if isinstance(error, ApiError):
        return error
    sentence = str(error)
    if isinstance(error, UnknownJob | Missing):
        return ApiError(404, sentence)
    if isinstance(error, StillWorking):
        return ApiError(409, sentence, retry_after=1)
    if isinstance(error, QueueFull):
        return ApiError(429, sentence, retry_after=max(1, error.retry_after))
    if isinstance(error, QueueAway | StoreAway):
        return ApiError(503, sentence, retry_after=RETRY_AWAY)
    if isinstance(error, UsageError | PhotoError):
        return ApiError(422, sentence)
    return ApiError(500, sentence)


def _clearface_error(error: ClearfaceError) -> Response:
    return error_answer(as_api_error(error))


def _http_error(error: HTTPException) -> Response:
    """Errors of Flask and Werkzeug; what they say in their headers, such as `Allow`, stays."""
    if isinstance(error, RateLimitExceeded):
        return error_answer(_too_often(error))
    status = error.code or 500
    response = error_answer(ApiError(status, _sentence(status)))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "location", "content-range", "retry-after"):
            response.headers[name] = value
    return response


def _apiflask_error(error: HTTPError) -> Response:
    return error_answer(ApiError(error.status_code, _sentence(error.status_code)))


def _too_often(error: RateLimitExceeded) -> ApiError:
    limit = error.limit.limit
    return ApiError(
        429,
        f"no more than {limit.amount} requests a minute are taken from one client: wait a little",
        retry_after=seconds_to_wait(),
    )


def _unexpected(error: Exception) -> Response:
    """A fault of clearface's. What it says may tell of a photo, so that only its kind and its place are logged."""
    place = "".join(traceback.format_tb(error.__traceback__))
    _LOG.error("%s while answering %s\n%s", type(error).__name__, request.method, place)
    return error_answer(ApiError(500, _sentence(500)))


def _sentence(status: int) -> str:
    if status == 405:
        return f"{request.method if request.method.isalpha() else 'this'} is not done at this address"
    return _SENTENCES.get(status, "the request cannot be answered")


_SENTENCES = {
    400: "the request is malformed",
    401: "this needs the token the server was started with, as `Authorization: Bearer TOKEN`",
    403: "this is not allowed",
    404: "there is nothing at this address",
    406: "the answer comes in no form that is accepted",
    411: "the request does not say how long it is",
    413: "the request is larger than the server takes",
    414: "the address is longer than the server takes",
    415: "the request comes in no form that is read here",
    422: "the request cannot be meant",
    429: "too many requests: wait a little",
    500: "something went wrong in the server, and was written to its log",
    503: "the server cannot do this now: try again later",
}
