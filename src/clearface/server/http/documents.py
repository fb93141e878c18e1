"""What the API's document says of requests and answers, so that it is true of every one."""

from collections.abc import Mapping
from typing import Any

from clearface.photos.kinds import KINDS
from clearface.server.http.options import OptionSet
from clearface.server.http.schemas import ErrorSchema
from clearface.server.http.security import API_PREFIX, needs_token
from clearface.server.offers import offered_kinds
from clearface.server.orders import Task
from clearface.server.settings import ServerSettings

JSON = "application/json"
FORM = "multipart/form-data"

Document = dict[str, Any]
"""A part of an OpenAPI document."""

Answer = dict[str, str | dict[str, dict[str, Any]]]
Answers = dict[int | str, Answer]
"""What an operation may answer, by status."""

TOKEN_SCHEME = "token"  # noqa: S105 - what the scheme is called
JOB_ID_PATTERN = "^[A-Za-z0-9_-]{1,128}$"
PICTURE_PATTERN = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$"

_ERRORS = {
    400: "The request is malformed.",
    401: "The token is missing or wrong.",
    403: "The request comes from a page of another site, or by a name the server does not know.",
    404: "There is no such job, or no longer; or no such photo or picture; or this server does not do it.",
    406: "The result comes in none of the forms that are accepted.",
    409: "It is still worked on.",
    413: "More bytes or photos than the limits allow, or more time or memory.",
    415: "No kind of photo that is read, or no kind of body.",
    422: "A photo that cannot be read or has too many pixels, or options that make no sense.",
    429: "Too much waits already, or the client asks too often.",
    500: "A fault of the server's.",
    503: "The queue or the store is away, or the server is not ready.",
}
_ANYWHERE = (403, 500)
_RETRIED = frozenset({409, 429, 503})
_ADDRESSES = (
    (Task.RESTORE, "restore"),
    (Task.DETECT, "detect"),
    (Task.HIDE, "hide"),
    (Task.IDENTIFY, "identify"),
)


def may_answer(
    status: int, told: str, content: Mapping[str, Any], *errors: int, headers: Mapping[str, str] | None = None
) -> Answers:
    """What an operation may answer: what it does where all is well, the errors named, and those that any may answer with.

    content: schemas by media type. headers: what they say, by name.
    """
    return {
        status: _answer(told, content, headers or {}),
        **{error: _error(error) for error in sorted({*errors, *_ANYWHERE})},
    }


def image_types() -> list[str]:
    """The media types of results."""
    return list(dict.fromkeys(KINDS[name].media_type for name in offered_kinds()))


def binary(media_types: list[str]) -> Document:
    """Content that is bytes."""
    return {media_type: {"type": "string", "format": "binary"} for media_type in media_types}


EVENT: Document = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["job", "photo", "end"]},
        "data": {"type": "string", "description": "JSON: a job, a photo, or how it ended."},
    },
}
"""One server-sent event."""


def complete_document(document: Document, options: Mapping[Task, OptionSet], settings: ServerSettings) -> Document:
    """Adds what a view cannot say by itself: bodies that come in two forms, parts of addresses, the token.

    document: as APIFlask makes it, in OpenAPI 3.0.
    """
    paths = document["paths"]
    for task, address in _ADDRESSES:
        paths[f"{API_PREFIX}/{address}"]["post"]["requestBody"] = _one_photo(_described(options[task]))
    paths[f"{API_PREFIX}/jobs"]["post"]["requestBody"] = _many_photos(
        _described(options[Task.RESTORE]) | _described(options[Task.HIDE]) | _described(options[Task.IDENTIFY]),
        settings,
    )
    paths[f"{API_PREFIX}/jobs/{{job_id}}/photos/{{number}}"]["patch"]["requestBody"] = _FACES_TO_LEAVE
    for path, operations in paths.items():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                parameter.update(_ADDRESS_PARTS[parameter["name"]], required=True)
            if operation["operationId"] == "create_job":
                operation["responses"]["202"]["links"] = _JOB_LINKS
            operation["responses"].get("204", {}).pop("content", None)  # APIFlask has one for every answer
            if operation["operationId"] in _KEEPING:
                operation["parameters"].append(_KEEP)
            if settings.token is not None and needs_token(path):
                operation["security"] = [{TOKEN_SCHEME: []}]
                operation["responses"]["401"] = {**_error(401), "content": operation["responses"]["403"]["content"]}
    return document


def _answer(told: str, content: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    answer: Answer = {"description": told}
    if content:
        answer["content"] = {media_type: {"schema": schema} for media_type, schema in content.items()}
    if headers:
        answer["headers"] = {
            name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in headers.items()
        }
    return answer


def _error(status: int) -> Answer:
    headers = {}
    if status in _RETRIED:
        headers["Retry-After"] = "Seconds until it is worth trying again."
    if status == 401:
        headers["WWW-Authenticate"] = "`Bearer`."
    return _answer(_ERRORS[status], {JSON: ErrorSchema}, headers)


def _described(options: OptionSet) -> Document:
    return {name: option.document() for name, option in options.options.items()}


def _one_photo(options: Document) -> Document:
    """A photo and options, as a form or as JSON."""
    of_form = _object({"photo": _FILE, **options}, ["photo"])
    of_json = _object({"photo": _BASE64, "name": _NAME, **options}, ["photo"])
    return {"required": True, "content": {FORM: {"schema": of_form}, JSON: {"schema": of_json}}}


def _many_photos(options: Document, settings: ServerSettings) -> Document:
    """Photos and options, as a form or as JSON."""
    common = {"task": _TASK, "view": _VIEW, **options}
    photo = _object({"name": _NAME, "data": _BASE64}, ["data"])
    # More photos than the limit are 413 and not against the schema: what is too much differs between servers.
    bounds = {"minItems": 1, "description": f"At most {settings.limits.files}."}
    of_form = _object({"photos": {"type": "array", "items": _FILE, **bounds}, **common}, ["photos"])
    of_json = _object({"photos": {"type": "array", "items": photo, **bounds}, **common}, ["photos"])
    return {"required": True, "content": {FORM: {"schema": of_form}, JSON: {"schema": of_json}}}


def _object(properties: Document, required: list[str]) -> Document:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


MOST_FACES_LEFT = 1000

_NUMBER: Document = {"type": "integer", "minimum": 1, "maximum": 1_000_000}
_FACES_TO_LEAVE: Document = {
    "required": True,
    "content": {
        JSON: {
            "schema": _object(
                {
                    "left": {
                        "type": "array",
                        "items": _object({"frame": _NUMBER, "number": _NUMBER}, ["frame", "number"]),
                        "maxItems": MOST_FACES_LEFT,
                        "description": "The faces that stay as they were; all others are restored.",
                    }
                },
                ["left"],
            )
        }
    },
}
_ADDRESS_PARTS: dict[str, Document] = {
    "job_id": {"description": "As the job was answered with.", "schema": {"type": "string", "pattern": JOB_ID_PATTERN}},
    "number": {"description": "Of the photo, from 1.", "schema": {"type": "integer", "minimum": 1, "maximum": 99_999}},
    "name": {
        "description": "As the photo was answered with.",
        "schema": {"type": "string", "pattern": PICTURE_PATTERN},
    },
}
_JOB_LINKS: Document = {
    operation: {
        "operationId": operation,
        "parameters": {"job_id": "$response.body#/id", **({"number": 1} if "photo" in operation else {})},
    }
    for operation in ("get_job", "follow_job", "get_photo", "delete_job")
}
_KEEPING = frozenset({"get_results", "get_result"})
_KEEP: Document = {
    "in": "query",
    "name": "keep",
    "schema": {"type": "boolean"},
    "description": "Whether the job stays where it is, to be fetched again.",
}
_FILE: Document = {"type": "string", "format": "binary"}
_BASE64: Document = {"type": "string", "format": "byte", "description": "The bytes of the photo in base64."}
_NAME: Document = {"type": "string", "description": "What the photo is called, for people."}
_TASK: Document = {"type": "string", "enum": [task.value for task in Task], "description": "restore, unless told."}
_VIEW: Document = {
    "type": "boolean",
    "description": "Whether pictures to look at are made too, of the photo and each face.",
}
