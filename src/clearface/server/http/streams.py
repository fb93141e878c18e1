"""Answers that are sent piece by piece, and what is done once they were sent whole."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import IO

from flask import Response
from werkzeug.utils import secure_filename

_PIECE = 64 * 1024


def sent_whole(data: bytes, media_type: str, name: str, then: Callable[[], None] | None = None) -> Response:
    """Bytes to take home under a name. then: called once the last piece was taken, and not where the client went away."""
    return _attachment(BytesIO(data), len(data), media_type, name, then)


def file_sent_whole(file: IO[bytes], media_type: str, name: str, then: Callable[[], None] | None = None) -> Response:
    """As `sent_whole`, a file that is open; it is closed in the end."""
    length = file.seek(0, 2)
    file.seek(0)
    return _attachment(file, length, media_type, name, then)


def disposition(name: str) -> str:
    """Asks browsers to keep an answer as a file of this name, which is cut down to letters, digits, `.`, `-` and `_`."""
    return f'attachment; filename="{secure_filename(name) or "result"}"'


def _attachment(file: IO[bytes], length: int, media_type: str, name: str, then: Callable[[], None] | None) -> Response:
    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(_PIECE):
                yield piece
        if then is not None:
            then()

    response = Response(pieces(), mimetype=media_type)
    response.call_on_close(file.close)  # where nothing was asked for but the head
    response.headers["Content-Length"] = str(length)
    response.headers["Content-Disposition"] = disposition(name)
    return response
