"""One photo of a job: where it stands, its result and its pictures, and faces left as they were."""

import re
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from clearface.server.http.answers import photo_answer
from clearface.server.http.context import ServerContext
from clearface.server.http.documents import JSON, MOST_FACES_LEFT, PICTURE_PATTERN, binary, image_types, may_answer
from clearface.server.http.errors import ApiError, field_error
from clearface.server.http.job_access import check_job_id, find_job, find_photo, result_fetched
from clearface.server.http.names import extra_name, media_type_of_name, result_name
from clearface.server.http.rate_limit import Decorator
from clearface.server.http.requests import read_json_object
from clearface.server.http.routes_jobs import wants_kept
from clearface.server.http.schemas import PhotoSchema
from clearface.server.http.streams import disposition, sent_whole
from clearface.server.jobs.base import UnknownJob
from clearface.server.orders import FaceKey, Outcome

_PHOTO = "/jobs/<job_id>/photos/<photo_number:number>"
_MOST_FACES = 1_000_000


def job_photos_blueprint(context: ServerContext, limited: Decorator) -> APIBlueprint:
    """The routes. limited: bounds how often a client may ask for work."""
    api = APIBlueprint("job_photos", __name__, tag="Photos of a job")

    @api.get(_PHOTO)
    @api.doc(
        summary="Where a photo stands",
        operation_id="get_photo",
        responses=may_answer(200, "The photo.", {JSON: PhotoSchema}, 404, 503),
    )
    def get_photo(job_id: str, number: int) -> dict[str, Any]:
        return photo_answer(*find_photo(context, job_id, number), request.script_root)

    @api.patch(_PHOTO)
    @api.doc(
        summary="Leave faces as they were",
        description="All others are pasted anew, without being looked for or restored again.",
        operation_id="leave_faces",
        responses=may_answer(
            200, "The photo with its new result.", {JSON: PhotoSchema}, 400, 404, 409, 413, 415, 422, 429, 503
        ),
    )
    @limited
    def leave_faces(job_id: str, number: int) -> dict[str, Any]:
        check_job_id(job_id)
        if request.mimetype != JSON:
            raise ApiError(415, f'the faces to leave come in {JSON}: {{"left": [{{"frame": 1, "number": 2}}]}}')
        faces = read_faces(read_json_object(request))
        with context.callers.taken("too many photos are waited for right now: try again later"):
            photo = context.desk.leave(job_id, number, faces)
        context.fetched.changed(job_id, number)
        return photo_answer(find_job(context, job_id), photo, request.script_root)

    @api.get(f"{_PHOTO}/result")
    @api.doc(
        summary="Fetch the result of a photo",
        description="Once all results of the job were sent whole, it is forgotten, unless one of them asked to keep it.",
        operation_id="get_result",
        responses=may_answer(
            200,
            "The result.",
            binary(image_types()),
            404,
            409,
            422,
            503,
            headers={"Content-Disposition": "The name to keep the result under."},
        ),
    )
    def get_result(job_id: str, number: int) -> Response:
        kept = wants_kept()
        job, photo = find_photo(context, job_id, number)
        outcome = photo.outcome or Outcome(None)
        data = context.desk.result(job_id, number)
        name = result_name(photo.name, number, job.task.task, outcome)
        then = None if kept else lambda: result_fetched(context, job_id, number)
        return _versioned(sent_whole(data, outcome.media_type or "application/octet-stream", name, then), outcome)

    @api.get(f"{_PHOTO}/pictures/<name>")
    @api.doc(
        summary="Fetch a picture of a view, or one made beside a result",
        operation_id="get_picture",
        responses=may_answer(200, "The picture.", binary(["image/png", "image/webp"]), 404, 409, 503),
    )
    def get_picture(job_id: str, number: int, name: str) -> Response:
        if re.fullmatch(PICTURE_PATTERN, name) is None:
            raise UnknownJob("there is no such picture")
        job, photo = find_photo(context, job_id, number)
        outcome = photo.outcome or Outcome(None)
        response = Response(context.desk.picture(job_id, number, name), mimetype=media_type_of_name(name))
        if name in outcome.extras:
            called = extra_name(photo.name, number, job.task.task, name)
            response.headers["Content-Disposition"] = disposition(called)
        return _versioned(response, outcome)

    return api


def read_faces(body: dict[str, Any]) -> list[FaceKey]:
    """The faces in `{"left": [{"frame": 1, "number": 2}]}`. Raises ApiError 422."""
    entries = body.get("left")
    if body.keys() != {"left"} or not isinstance(entries, list):
        raise field_error("left", 'the faces to leave are {"left": [{"frame": 1, "number": 2}]}')
    if len(entries) > MOST_FACES_LEFT:
        raise field_error("left", f"{len(entries)} faces are more than the {MOST_FACES_LEFT} that can be left")
    return [_face(entry) for entry in entries]


def _face(entry: object) -> FaceKey:
    if not isinstance(entry, dict) or entry.keys() != {"frame", "number"}:
        raise field_error("left", 'a face is {"frame": 1, "number": 2}')
    for value in entry.values():
        if isinstance(value, bool) or not isinstance(value, int | float) or value not in range(1, _MOST_FACES + 1):
            raise field_error("left", "frames and faces have whole numbers from 1 up")
    return FaceKey(int(entry["frame"]), int(entry["number"]))


def _versioned(response: Response, outcome: Outcome) -> Response:
    """What is asked for with the revision it has may be kept by the browser: another one is asked for by another address."""
    if request.args.get("v") == str(outcome.revision):
        response.headers["Cache-Control"] = "private, max-age=900, immutable"
    return response
