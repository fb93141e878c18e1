"""`POST /restore`, `POST /detect`, `POST /hide` and `POST /identify`: one photo in, its result out."""

import base64
from dataclasses import replace
from typing import cast

from apiflask import APIBlueprint
from flask import Response, jsonify, request

from clearface.photos.kinds import KINDS, kind_of_extension
from clearface.server.http.context import ServerContext
from clearface.server.http.documents import JSON, Answers, binary, image_types, may_answer
from clearface.server.http.errors import ApiError
from clearface.server.http.names import clean_text, extra_name, media_type_of_name, result_name
from clearface.server.http.negotiation import Form, choose_form
from clearface.server.http.one_photo import WorkedPhoto, worked_photo
from clearface.server.http.options import PICTURE_OPTIONS, OptionSet
from clearface.server.http.rate_limit import Decorator
from clearface.server.http.schemas import WorkedSchema
from clearface.server.http.streams import sent_whole
from clearface.server.http.uploads import CheckedUpload, receive_photo
from clearface.server.orders import PhotoTask, Task
from clearface.server.work.plans import NOBODY_KNOWN

_ERRORS = (400, 406, 413, 415, 422, 429, 503)
_OTHERS = ("photo", "name")


def photos_blueprint(context: ServerContext, options: dict[Task, OptionSet], limited: Decorator) -> APIBlueprint:
    """The routes. limited: bounds how often a client may ask."""
    api = APIBlueprint("photos", __name__, tag="One photo")

    @api.post("/restore")
    @api.doc(
        summary="Make the faces of a photo sharp",
        description="Answers with the picture, or with JSON where that is what is accepted.",
        operation_id="restore",
        responses=_responses("The photo with its faces restored."),
    )
    @limited
    def restore() -> Response:
        task, checked = _asked(context, options[Task.RESTORE])
        form = choose_form(request, _image_type(task, checked), Form.IMAGE)
        extra = [name for name in PICTURE_OPTIONS if getattr(task, name)]
        if form is Form.IMAGE and extra:
            reason = (
                "only adds to the result, and the answer is the picture alone: accept application/json, or make a job"
            )
            raise ApiError(422, f"{extra[0]} {reason}", {name: [f"{name} {reason}"] for name in extra})
        return _answer(context, task, checked, form)

    @api.post("/detect")
    @api.doc(
        summary="Find the faces of a photo",
        description="Answers with JSON, or with the photo and its faces marked where only pictures are accepted.",
        operation_id="detect",
        responses=_responses("The faces that were found."),
    )
    @limited
    def detect() -> Response:
        task, checked = _asked(context, options[Task.DETECT])
        form = choose_form(request, _image_type(task, checked), Form.JSON)
        if form is Form.IMAGE:
            task = replace(task, save_boxes=True)
        return _answer(context, task, checked, form)

    @api.post("/hide")
    @api.doc(
        summary="Hide the faces of a photo",
        description="Answers with the picture, written anew in any case, or with JSON where that is what is accepted.",
        operation_id="hide",
        responses=_responses("The photo with its faces hidden."),
    )
    @limited
    def hide() -> Response:
        task, checked = _asked(context, options[Task.HIDE])
        return _answer(context, task, checked, choose_form(request, _image_type(task, checked), Form.IMAGE))

    @api.post("/identify")
    @api.doc(
        summary="Say who the faces of a photo are",
        description=(
            "Among the people of the gallery the server was started with; without one the answer is 404. Answers with JSON, or "
            "with the photo and its faces named where only pictures are accepted. Nothing of the photo is added to the gallery."
        ),
        operation_id="identify",
        responses=_responses("Who the faces are, and how often such answers are wrong.", 404),
    )
    @limited
    def identify() -> Response:
        if context.settings.gallery is None:
            raise ApiError(404, NOBODY_KNOWN)
        task, checked = _asked(context, options[Task.IDENTIFY])
        form = choose_form(request, _image_type(task, checked), Form.JSON)
        if form is Form.IMAGE:
            task = replace(task, save_boxes=True)
        return _answer(context, task, checked, form)

    return api


def _responses(told: str, *more: int) -> Answers:
    headers = {
        "Content-Disposition": "The name to keep the picture under.",
        "X-Clearface-Status": "What became of the photo: restored, unchanged, converted, detected, identified or hidden.",
        "X-Clearface-Notes": "What the photo lost on the way, where it lost anything, in sentences parted by `; `.",
    }
    content = {JSON: WorkedSchema, **binary(image_types())}
    return may_answer(200, told, content, *_ERRORS, *more, headers=headers)


def _asked(context: ServerContext, options: OptionSet) -> tuple[PhotoTask, CheckedUpload]:
    try:
        received = receive_photo(request, context.settings.limits)
    except ApiError as error:
        if error.status in (413, 415):
            context.metrics.refused(options.task)
        raise
    return options.read(received.options, _OTHERS, received.form), received.photos[0]


def _image_type(task: PhotoTask, checked: CheckedUpload) -> str:
    kind = checked.kind if task.format is None else kind_of_extension(f"result.{task.format}")
    assert kind is not None
    return KINDS[kind].media_type


def _answer(context: ServerContext, task: PhotoTask, checked: CheckedUpload, form: Form) -> Response:
    with worked_photo(context, task, checked.upload) as worked:
        response = _as_picture(context, worked) if form is Form.IMAGE else _as_json(context, worked)
    response.headers["X-Clearface-Status"] = str(worked.report["status"])
    notes = cast(list[str], worked.report["notes"])
    if notes:
        response.headers["X-Clearface-Notes"] = clean_text("; ".join(notes)).encode("ascii", "replace").decode()
    response.vary.add("Accept")
    return response


def _as_picture(context: ServerContext, worked: WorkedPhoto) -> Response:
    data = context.desk.result(worked.job.job_id, 1)
    name = result_name(worked.photo.name, 1, worked.job.task.task, worked.outcome)
    return sent_whole(data, worked.outcome.media_type or "application/octet-stream", name)


def _as_json(context: ServerContext, worked: WorkedPhoto) -> Response:
    desk, job_id, task = context.desk, worked.job.job_id, worked.job.task.task
    extras = [
        {
            "name": extra_name(worked.photo.name, 1, task, ending),
            "media_type": media_type_of_name(ending),
            "data": _base64(desk.picture(job_id, 1, ending)),
        }
        for ending in worked.outcome.extras
    ]
    media_type = worked.outcome.media_type
    image = None if media_type is None else _base64(desk.result(job_id, 1))
    return jsonify(worked.report | {"image": image, "media_type": media_type, "extras": extras})


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
