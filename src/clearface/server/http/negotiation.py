"""In which form a result goes out."""

from enum import Enum

from flask import Request

from clearface.server.http.errors import ApiError

JSON = "application/json"


class Form(Enum):
    """The two there are."""

    IMAGE = "image"
    JSON = "json"


def choose_form(request: Request, image_type: str, usual: Form) -> Form:
    """What the client accepts, and likes best; `usual` where it likes both.

    image_type: of the picture it would get. Raises ApiError 406.
    """
    accepted = request.accept_mimetypes
    if not accepted:
        return usual
    image, words = accepted.quality(image_type), accepted.quality(JSON)
    if image <= 0 and words <= 0:
        raise ApiError(406, f"the result is {image_type}: accept that, image/* or {JSON}, or ask for another format")
    if image == words:
        return usual
    return Form.IMAGE if image > words else Form.JSON
