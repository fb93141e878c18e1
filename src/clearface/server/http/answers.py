"""Jobs and photos as the API tells them."""

from typing import Any
from urllib.parse import quote

from clearface.server.http.names import extra_name, result_name
from clearface.server.http.options import given_options
from clearface.server.http.security import API_PREFIX
from clearface.server.jobs.states import JobState, PhotoState, Stage
from clearface.server.orders import Outcome, View


def job_answer(job: JobState, root: str) -> dict[str, Any]:
    """A whole job. root: what the addresses of the server begin with, where a proxy gave it a folder; empty otherwise."""
    place = job_url(job.job_id, root)
    return {
        "id": job.job_id,
        "task": job.task.task.value,
        "options": given_options(job.task),
        "state": job.stage.value,
        "created": job.created.isoformat(),
        "expires": None if job.expires is None else job.expires.isoformat(),
        "done": sum(photo.stage is Stage.DONE for photo in job.photos),
        "failed": sum(photo.stage is Stage.FAILED for photo in job.photos),
        "photos": [photo_answer(job, photo, root) for photo in job.photos],
        "links": {"self": place, "events": f"{place}/events", "results": f"{place}/results.zip"},
    }


def photo_answer(job: JobState, photo: PhotoState, root: str) -> dict[str, Any]:
    """One photo of a job. root: as for the job."""
    place = f"{job_url(job.job_id, root)}/photos/{photo.number}"
    outcome = photo.outcome
    done = photo.stage is Stage.DONE and outcome is not None
    return {
        "number": photo.number,
        "name": photo.name,
        "state": photo.stage.value,
        "step": photo.step,
        "fraction": 1.0 if done else round(photo.fraction, 3),
        "revision": 0 if outcome is None else outcome.revision,
        "error": None if outcome is None else outcome.error,
        "fault": None if outcome is None else outcome.fault,
        "report": None if outcome is None else outcome.report,
        "left": [] if outcome is None else [{"frame": face.frame, "number": face.number} for face in outcome.left],
        "result": _result(job, photo, outcome, place) if done else None,
        "extras": [] if outcome is None or not done else _extras(job, photo, outcome, place),
        "view": None if outcome is None or not done else _view(outcome, place),
    }


def job_url(job_id: str, root: str) -> str:
    """The path of a job on the server. root: as for the job."""
    return f"{root}{API_PREFIX}/jobs/{quote(job_id, safe='')}"


def _result(job: JobState, photo: PhotoState, outcome: Outcome | None, place: str) -> dict[str, Any] | None:
    if outcome is None or outcome.media_type is None:
        return None
    return {
        "url": f"{place}/result?v={outcome.revision}",
        "name": result_name(photo.name, photo.number, job.task.task, outcome),
        "media_type": outcome.media_type,
        "bytes": photo.result_bytes or 0,
    }


def _extras(job: JobState, photo: PhotoState, outcome: Outcome, place: str) -> list[dict[str, Any]]:
    return [
        {
            "name": extra_name(photo.name, photo.number, job.task.task, ending),
            "url": _picture_url(place, outcome, ending),
        }
        for ending in outcome.extras
    ]


def _view(outcome: Outcome, place: str) -> dict[str, Any] | None:
    view: View | None = outcome.view
    if view is None:
        return None

    def url(name: str) -> str:
        return _picture_url(place, outcome, name)

    faces = []
    for face in view.faces:
        stem = f"frame{face.frame}_face{face.number}"
        faces.append(
            {
                "frame": face.frame,
                "number": face.number,
                "before": url(f"{stem}_before.webp"),
                "after": url(f"{stem}_after.webp"),
                "confidence": url(f"{stem}_confidence.webp") if face.confidence else None,
                "kernel": url(f"{stem}_kernel.png") if face.kernel else None,
            }
        )
    return {
        "width": view.width,
        "height": view.height,
        "frames": view.frames,
        "before": url("before.webp"),
        "after": url("after.webp"),
        "faces": faces,
    }


def _picture_url(place: str, outcome: Outcome, name: str) -> str:
    return f"{place}/pictures/{quote(name, safe='')}?v={outcome.revision}"
