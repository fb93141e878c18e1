"""How bodies are taken in: in memory, bounded, and in whatever form they come."""

import json
from io import BytesIO
from typing import IO, Any, NoReturn

from flask import Flask, Request, Response, g, request
from werkzeug.formparser import FormDataParser

from clearface.server.http.capacity import OVERHEAD, Room, longest_body
from clearface.server.http.context import server_context
from clearface.server.http.errors import ApiError, error_answer
from clearface.server.settings import ServerSettings

_LONGEST_OPTION = 512 * 1024
"""In bytes; Werkzeug's parser keeps as much of a photo in its buffer, which takes some pieces of 64 kB."""

_SPARE_PARTS = 64
"""Form fields besides the photos: more than there are options, so that a mistyped one is told."""


_COPIES_OF_JSON = 2
"""Its bytes and its text, or its text and what is in it, are in memory together."""


class BoundedPart(BytesIO):
    """One part of a form in memory. What goes beyond the bound is counted and dropped."""

    def __init__(self, bound: int) -> None:
        super().__init__()
        self.received = 0
        self._bound = bound

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        """Keeps what is within the bound."""
        room = max(0, self._bound - self.received)
        self.received += len(data)
        if room:
            super().write(data[:room])
        return len(data)


class ClearfaceRequest(Request):
    """A request whose photos never touch the disk under a name, and whose damaged forms are errors."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BoundedPart(server_context().settings.limits.bytes)

    def make_form_data_parser(self) -> FormDataParser:
        """As Werkzeug's, but it does not keep quiet about what it cannot read."""
        parser = super().make_form_data_parser()
        parser.silent = False
        return parser


def bound_bodies(app: Flask, settings: ServerSettings, room: Room) -> None:
    """Has bodies refused that are longer than all photos of a request may be, and those there is no room for just now."""
    app.request_class = ClearfaceRequest
    app.config["MAX_FORM_MEMORY_SIZE"] = _LONGEST_OPTION
    app.config["MAX_FORM_PARTS"] = settings.limits.files + _SPARE_PARTS
    longest = {True: longest_body(settings), False: settings.limits.request_bytes + OVERHEAD}

    def bound() -> Response | None:
        request.max_content_length = longest[request.is_json]
        coming = min(request.content_length or 0, longest[request.is_json])
        coming *= _COPIES_OF_JSON if request.is_json else 1
        try:
            room.take(coming)
        except ApiError as error:
            return error_answer(error)
        g.coming = coming
        return None

    def leave(_error: BaseException | None) -> None:
        room.leave(g.pop("coming", 0))

    app.before_request(bound)
    app.teardown_request(leave)


def read_json_object(asked: Request) -> dict[str, Any]:
    """The object in a JSON body. Raises ApiError 400 where it is damaged or says something twice, 422 where it is none."""

    def no_constant(name: str) -> NoReturn:
        raise ValueError(name)

    def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name twice")
        return found

    try:
        text = asked.get_data(cache=False).decode("utf-8")
        body = json.loads(text, parse_constant=no_constant, object_pairs_hook=each_once)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "the body is not JSON that can be read, each name once") from error
    if not isinstance(body, dict):
        raise ApiError(422, "the body is a JSON object")
    return body
