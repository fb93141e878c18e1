"""Photos and options out of a request, checked as far as that is cheap: nothing is decoded."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request
from werkzeug.datastructures import FileStorage

from clearface.photos.kinds import KINDS, describe_stranger, kind_of_content
from clearface.server.http.errors import ApiError, field_error
from clearface.server.http.names import clean_text, photo_name
from clearface.server.http.requests import BoundedPart, read_json_object
from clearface.server.jobs.base import Upload
from clearface.server.offers import offered_kinds
from clearface.server.orders import Fault
from clearface.server.settings import UploadLimits

_LONGEST_SHOWN = 40


@dataclass(frozen=True)
class CheckedUpload:
    """One photo, and what is wrong with it at first sight."""

    upload: Upload
    kind: str | None = None
    """Of its content, where it is one that can be read."""

    status: int | None = None
    """Where it is refused: 413 or 415."""


@dataclass(frozen=True)
class Received:
    """What came with a request."""

    photos: tuple[CheckedUpload, ...]
    options: Mapping[str, object]
    form: bool
    """Whether the options came as text."""


def receive_photo(request: Request, limits: UploadLimits) -> Received:
    """One photo, in a form or in JSON. Raises ApiError 400, 413, 415 or 422, also where the photo itself is refused."""
    received = _receive_one_of_form(request, limits) if _is_form(request) else _receive_one_of_json(request, limits)
    (photo,) = received.photos
    if photo.status is not None:
        raise ApiError(photo.status, photo.upload.refusal or "")
    return received


def receive_photos(request: Request, limits: UploadLimits) -> Received:
    """The photos of a job. Raises as `receive_photo`; a photo that is refused alone is only marked."""
    received = _receive_all_of_form(request, limits) if _is_form(request) else _receive_all_of_json(request, limits)
    if not received.photos:
        raise field_error("photos", "photos are missing: hand in one at least")
    if len(received.photos) > limits.files:
        raise ApiError(413, f"{len(received.photos)} photos are more than the limit of {limits.files}")
    return received


def _is_form(request: Request) -> bool:
    if request.mimetype == "multipart/form-data":
        if not request.mimetype_params.get("boundary"):
            raise ApiError(400, "the form does not say what its parts are divided by")
        return True
    if request.mimetype == "application/json":
        return False
    raise ApiError(415, "photos come as multipart/form-data, or in application/json")


def _receive_one_of_form(request: Request, limits: UploadLimits) -> Received:
    options, files = _form(request, "photo")
    if len(files) != 1:
        sentence = (
            "the photo is missing: hand it in as the part `photo`, a file" if not files else "one photo at a time"
        )
        raise field_error("photo", sentence)
    return Received((_of_part(files[0], 1, limits),), options, form=True)


def _receive_all_of_form(request: Request, limits: UploadLimits) -> Received:
    options, files = _form(request, "photos")
    photos = tuple(_of_part(file, number, limits) for number, file in enumerate(files, start=1))
    return Received(photos, options, form=True)


def _form(request: Request, part: str) -> tuple[dict[str, object], list[FileStorage]]:
    """The options and the files of a form. Raises ApiError for a damaged form, and what is where it does not belong."""
    try:
        form, files = request.form, request.files
    except ValueError as error:
        raise ApiError(400, "the form is damaged and cannot be read") from error
    for name in files:
        if name != part:
            raise field_error("photo" if part == "photo" else "photos", f"photos come as the part `{part}`")
    if part in form:
        raise field_error(part, f"the part `{part}` is a file: it says what it is called")
    options: dict[str, object] = {}
    for name, values in form.lists():
        if len(values) > 1:
            shown = clean_text(name)[:_LONGEST_SHOWN]
            raise field_error(shown, f"{shown} is given {len(values)} times")
        if values[0]:  # forms send what was left empty too
            options[name] = values[0]
    return options, files.getlist(part)


def _of_part(file: FileStorage, number: int, limits: UploadLimits) -> CheckedUpload:
    stream = file.stream
    assert isinstance(stream, BoundedPart)
    data = stream.getvalue()
    return _checked(photo_name(file.filename, number), data, stream.received, limits)


def _receive_one_of_json(request: Request, limits: UploadLimits) -> Received:
    body = read_json_object(request)
    if "photo" not in body:
        raise field_error("photo", "the photo is missing: hand it in as `photo`, in base64")
    photo = _of_text("photo", body.pop("photo"), body.pop("name", ""), 1, limits)
    return Received((photo,), body, form=False)


def _receive_all_of_json(request: Request, limits: UploadLimits) -> Received:
    body = read_json_object(request)
    listed = body.pop("photos", None)
    if not isinstance(listed, list):
        raise field_error("photos", 'photos are a list of {"name": ..., "data": ...}')
    if len(listed) > limits.files:
        raise ApiError(413, f"{len(listed)} photos are more than the limit of {limits.files}")
    photos = tuple(_of_entry(entry, number, limits) for number, entry in enumerate(listed, start=1))
    return Received(photos, body, form=False)


def _of_entry(entry: Any, number: int, limits: UploadLimits) -> CheckedUpload:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(entry, dict) or "data" not in entry or not entry.keys() <= {"name", "data"}:
        raise field_error("photos", f'photo {number} is not {{"name": ..., "data": ...}}')
    return _of_text("photos", entry["data"], entry.get("name", ""), number, limits)


def _of_text(field: str, text: Any, name: Any, number: int, limits: UploadLimits) -> CheckedUpload:  # noqa: ANN401
    if not isinstance(name, str):
        raise field_error("name" if field == "photo" else field, "the name of a photo is text")
    if not isinstance(text, str):
        raise field_error(field, "a photo is text: its bytes in base64")
    called = photo_name(name, number)
    size = len(text) // 4 * 3 - text[-2:].count("=")
    if size > limits.bytes:
        return _checked(called, b"", size, limits)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise field_error(field, f"{called}: this is not base64") from error
    return _checked(called, data, len(data), limits)


def _checked(name: str, data: bytes, received: int, limits: UploadLimits) -> CheckedUpload:
    """The same sentences the command line has for such files."""
    if received > limits.bytes:
        size = f"{received:,} bytes are more than the limit of {limits.bytes:,}"
        return CheckedUpload(Upload(name, b"", f"{name}: {size}", Fault.LIMIT), status=413)
    kind = kind_of_content(data)
    if kind is not None and kind in offered_kinds():
        return CheckedUpload(Upload(name, data), kind)
    if not data:
        reason = "the file is empty"
    else:
        known = ", ".join(KINDS[offered].label for offered in offered_kinds())
        seems = describe_stranger(data) if kind is None else f"{KINDS[kind].label}, which is not read here"
        reason = f"the file is {seems}; photos are {known}"
    return CheckedUpload(Upload(name, b"", f"{name}: {reason}"), status=415)
