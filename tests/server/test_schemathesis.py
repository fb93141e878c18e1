"""What the OpenAPI document says is what the server does, for requests made up from that very document."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import BaseSchema, GenerationMode
from schemathesis.hooks import HookContext
from schemathesis.specs.openapi.checks import negative_data_rejection
from tests.people import make_gallery, someone, told
from tests.server.hostile_images import good_photo
from tests.server.running import running_server

from clearface.arrays import ByteImage
from clearface.client import Client, PhotoTask, Task

EXAMPLES = 15
PLAIN = ("GET /healthz", "GET /readyz", "GET /metrics", "GET /api/v1/about")
"""They take nothing, so that nothing can be wrong with it."""

POSTS = (
    "POST /api/v1/restore",
    "POST /api/v1/detect",
    "POST /api/v1/hide",
    "POST /api/v1/identify",
    "POST /api/v1/jobs",
)
OF_JOBS = (
    "GET /api/v1/jobs/{job_id}",
    "DELETE /api/v1/jobs/{job_id}",
    "GET /api/v1/jobs/{job_id}/events",
    "GET /api/v1/jobs/{job_id}/results.zip",
    "GET /api/v1/jobs/{job_id}/photos/{number}",
    "PATCH /api/v1/jobs/{job_id}/photos/{number}",
    "GET /api/v1/jobs/{job_id}/photos/{number}/result",
    "GET /api/v1/jobs/{job_id}/photos/{number}/pictures/{name}",
)
CONFIG = {
    "seed": 1,
    "request-timeout": 300,  # a detector that has to be loaded first may take a while
    "generation": {"deterministic": True, "database": "none", "allow-extra-parameters": False},
    "checks": {
        # What fits the document may be refused still: bytes made up are no photo, and options may exclude each other.
        "positive_data_acceptance": {"enabled": False},
        "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 406, 409, 413, 415, 422]},
    },
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Iterator[BaseSchema]:
    """The document of a running server that knows somebody."""
    options = ("--rate", "0", "--workers", "2", "--max-megabytes", "0.1", "--max-files", "5", "--max-pixels", "100000")
    place = make_gallery(tmp_path_factory.mktemp("gallery"), {"Eileen": [someone(astronaut)]})
    with running_server(tmp_path_factory.mktemp("served"), *options, *map(str, told(place))) as server:
        config = schemathesis.Config.from_dict(CONFIG)
        schema = schemathesis.openapi.from_url(f"{server.address}/openapi.json", config=config)
        schema.hook("map_body")(with_good_photos)
        yield schema
        assert "Traceback" not in server.err.read_text()


def with_good_photos(context: HookContext, body: Any) -> Any:
    """Bytes made up are no photo: every second time they become one."""
    if isinstance(body, dict) and every_second(body):
        if isinstance(body.get("photo"), bytes):
            return body | {"photo": good_photo()}
        if isinstance(body.get("photos"), list) and all(isinstance(photo, bytes) for photo in body["photos"]):
            return body | {"photos": [good_photo() for _ in body["photos"]]}
    return body


def every_second(value: object) -> bool:
    """Half of the time, and always the same for the same."""
    return hashlib.sha256(repr(value).encode("utf-8", "backslashreplace")).digest()[0] % 2 == 0


def test_every_call_of_the_document_is_tried(api: BaseSchema):
    labels = [operation.ok().label for operation in api.get_all_operations()]  # type: ignore[union-attr]
    assert sorted(labels) == sorted(PLAIN + POSTS + OF_JOBS)


@pytest.mark.parametrize("call", PLAIN + POSTS + OF_JOBS)
def test_what_fits_the_document_gets_a_documented_answer(call: str, api: BaseSchema):
    ask_for(call, GenerationMode.POSITIVE, api)


@pytest.mark.parametrize("call", POSTS + OF_JOBS)
def test_what_does_not_fit_the_document_is_refused_as_documented(call: str, api: BaseSchema):
    ask_for(call, GenerationMode.NEGATIVE, api)


@pytest.mark.parametrize("call", OF_JOBS)
def test_jobs_there_are_get_documented_answers(call: str, api: BaseSchema):
    ask_for(call, GenerationMode.POSITIVE, api, real_job(api))


@pytest.mark.parametrize("call", [call for call in OF_JOBS if call.endswith(("result", "zip")) or "PATCH" in call])
def test_nonsense_about_jobs_there_are_is_refused_as_documented(call: str, api: BaseSchema):
    ask_for(call, GenerationMode.NEGATIVE, api, real_job(api))


def real_job(api: BaseSchema) -> dict[str, Any]:
    """Where a job is that is over."""
    with Client(str(api.get_base_url())) as client:
        job = client.wait(client.submit([good_photo()], PhotoTask(Task.RESTORE, restorer="identity"), view=True).id)
    return {"job_id": job.id, "number": 1, "name": "before.webp"}


def ask_for(call: str, mode: GenerationMode, api: BaseSchema, place: dict[str, Any] | None = None) -> None:
    """Asks again and again: no 5xx, a documented status and kind of answer that fits its schema, and no invalid data accepted."""
    operation = api.find_operation_by_label(call)
    assert operation is not None
    known = None if place is None else {name: place[name] for name in place if f"{{{name}}}" in call}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode, path_parameters=known))
    def ask(case: Any) -> None:
        # A form has text only: what is no number in JSON may be one there.
        untyped = [negative_data_rejection] if case.media_type == "multipart/form-data" else []
        case.call_and_validate(excluded_checks=untyped)

    ask()
