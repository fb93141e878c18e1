"""What happens to a job, told while it happens."""

import json
import time
from collections.abc import Callable, Iterator

from flask import Response, request

from clearface.server.http.answers import job_answer, photo_answer
from clearface.server.http.context import ServerContext
from clearface.server.jobs.base import QueueAway, UnknownJob
from clearface.server.jobs.states import JobState
from clearface.server.stores.base import StoreAway

_LOOK = 0.3
"""Seconds between two looks."""

_HEARTBEAT = 10.0
"""Seconds without news after which a comment keeps proxies from hanging up, and shows whether the client is there."""

_PATIENCE = 60.0
"""Seconds a queue that is away is waited for."""


def follow(context: ServerContext, job_id: str) -> Response:
    """A stream of server-sent events: `job` first, `photo` at each change, `end` when all is over.

    Raises ApiError 429 where too many follow jobs already; what the desk raises where there is no such job.
    """
    context.streams.take("too many jobs are followed right now: ask for the job itself from time to time")
    try:
        job = context.desk.state(job_id)
    except BaseException:
        context.streams.leave()
        raise
    response = Response(_events(context, job, request.script_root, client_gone()), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store, no-transform"
    response.headers["X-Accel-Buffering"] = "no"  # nginx hands each event on at once
    response.call_on_close(context.streams.leave)
    return response


def client_gone() -> Callable[[], bool]:
    """Tells whether the client of the request at hand went away; Waitress knows, other servers do not say."""
    gone: Callable[[], bool] = request.environ.get("waitress.client_disconnected", lambda: False)
    return gone


def _events(context: ServerContext, job: JobState, root: str, gone: Callable[[], bool]) -> Iterator[str]:
    yield _event("job", job_answer(job, root))
    told = job
    news = reached = time.monotonic()
    while not job.stage.over and not context.stopping.is_set() and not gone():
        now = time.monotonic()
        try:
            job = context.desk.wait(told.job_id, _LOOK)
            reached = now
        except UnknownJob:
            yield _event("end", {"state": None, "error": "the job was deleted"})
            return
        except (QueueAway, StoreAway) as error:
            if now - reached > _PATIENCE:
                yield _event("end", {"state": None, "error": str(error)})
                return
            context.stopping.wait(_LOOK)
        for photo, before in zip(job.photos, told.photos, strict=True):
            if photo != before:
                news = now
                yield _event("photo", photo_answer(job, photo, root))
        told = job
        if now - news > _HEARTBEAT:
            news = now
            yield ": still at it\n\n"
    context.metrics.seen(job)
    if job.stage.over:
        yield _event("end", {"state": job.stage.value, "error": None})


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
