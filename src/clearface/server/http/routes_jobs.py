"""Jobs: photos handed in together, followed, taken home and forgotten."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from clearface.errors import UsageError
from clearface.server.http.answers import job_answer, job_url
from clearface.server.http.context import ServerContext
from clearface.server.http.documents import EVENT, JSON, binary, may_answer
from clearface.server.http.errors import ApiError, field_error
from clearface.server.http.events import follow
from clearface.server.http.job_access import check_job_id, find_job, forget_job
from clearface.server.http.names import clean_text
from clearface.server.http.option_kinds import read_switch
from clearface.server.http.options import OptionSet
from clearface.server.http.rate_limit import Decorator
from clearface.server.http.schemas import JobSchema
from clearface.server.http.streams import file_sent_whole
from clearface.server.http.uploads import receive_photos
from clearface.server.jobs.base import UnknownJob
from clearface.server.jobs.states import JobState
from clearface.server.orders import Task
from clearface.server.work.plans import NOBODY_KNOWN
from clearface.suggestions import did_you_mean

_OTHERS = ("photos", "task", "view")


def jobs_blueprint(context: ServerContext, options: dict[Task, OptionSet], limited: Decorator) -> APIBlueprint:
    """The routes. limited: bounds how often a client may ask for work."""
    api = APIBlueprint("jobs", __name__, tag="Jobs")

    @api.post("/jobs")
    @api.doc(
        summary="Hand photos in",
        description="Answers at once; the work is done meanwhile. A photo that is refused fails alone.",
        operation_id="create_job",
        responses=may_answer(
            202,
            "The job.",
            {JSON: JobSchema},
            400,
            413,
            415,
            422,
            429,
            503,
            headers={"Location": "Where the job is found."},
        ),
    )
    @limited
    def create_job() -> tuple[dict[str, Any], int, dict[str, str]]:
        job = _hand_in(context, options)
        return job_answer(job, request.script_root), 202, {"Location": job_url(job.job_id, request.script_root)}

    @api.get("/jobs/<job_id>")
    @api.doc(
        summary="Where a job stands",
        operation_id="get_job",
        responses=may_answer(200, "The job.", {JSON: JobSchema}, 404, 503),
    )
    def get_job(job_id: str) -> dict[str, Any]:
        return job_answer(find_job(context, job_id), request.script_root)

    @api.delete("/jobs/<job_id>")
    @api.doc(
        summary="Forget a job and all its files",
        operation_id="delete_job",
        responses=may_answer(204, "It is gone.", {}, 404, 503),
    )
    def delete_job(job_id: str) -> tuple[str, int]:
        check_job_id(job_id)
        context.desk.delete(job_id)
        context.fetched.forget(job_id)
        return "", 204

    @api.get("/jobs/<job_id>/events")
    @api.doc(
        summary="Follow a job",
        description=(
            "Server-sent events: `job` with the whole job first, `photo` with a photo at each change, `end` when all is over, "
            "and comments while nothing happens."
        ),
        operation_id="follow_job",
        responses=may_answer(200, "What happens.", {"text/event-stream": EVENT}, 404, 429, 503),
    )
    def follow_job(job_id: str) -> Response:
        check_job_id(job_id)
        return follow(context, job_id)

    @api.get("/jobs/<job_id>/results.zip")
    @api.doc(
        summary="Fetch all results",
        description="Once they were sent whole, the job is forgotten, unless it is to be kept.",
        operation_id="get_results",
        responses=may_answer(
            200, "The results and what was made beside them.", binary(["application/zip"]), 404, 409, 422, 503
        ),
    )
    def get_results(job_id: str) -> Response:
        check_job_id(job_id)
        return _archive(context, job_id, wants_kept())

    return api


def wants_kept() -> bool:
    """Whether the job is to stay after its results were sent. Raises ApiError 422."""
    try:
        return read_switch("keep", request.args.get("keep", "false"), form=True)
    except UsageError as error:
        raise field_error("keep", str(error)) from error


def _hand_in(context: ServerContext, options: dict[Task, OptionSet]) -> JobState:
    limits = context.settings.limits
    received = receive_photos(request, limits)
    given = dict(received.options)
    try:
        task = _task(given.pop("task", Task.RESTORE.value))
    except UsageError as error:
        raise field_error("task", str(error)) from error
    if task is Task.IDENTIFY and context.settings.gallery is None:
        raise field_error("task", NOBODY_KNOWN)
    try:
        view = read_switch("view", given.pop("view", False), received.form)
    except UsageError as error:
        raise field_error("view", str(error)) from error
    order = options[task].read(given, _OTHERS, received.form)
    total = sum(len(photo.upload.data) for photo in received.photos)
    if total > limits.request_bytes:
        raise ApiError(413, f"{total:,} bytes of photos are more than the limit of {limits.request_bytes:,}")
    return context.desk.submit(order, [photo.upload for photo in received.photos], view)


def _task(word: object) -> Task:
    if not isinstance(word, str):
        raise UsageError("task is text")
    known = [task.value for task in Task]
    if word.lower() not in known:
        raise UsageError(f'there is no task "{clean_text(word)[:40]}": {did_you_mean(word[:40], known)}')
    return Task(word.lower())


def _archive(context: ServerContext, job_id: str, kept: bool) -> Response:
    job = find_job(context, job_id)
    if job.stage.over and not any(photo.outcome is not None and photo.outcome.media_type for photo in job.photos):
        raise UnknownJob("none of the photos has a result to fetch: the job says why")
    folder = TemporaryDirectory(dir=context.desk.scratch)
    try:
        file = context.desk.archive(job_id, Path(folder.name)).open("rb")
    except BaseException:
        folder.cleanup()
        raise
    then = None if kept else lambda: forget_job(context, job_id)
    response = file_sent_whole(file, "application/zip", "clearface-results.zip", then)
    response.call_on_close(folder.cleanup)
    return response
