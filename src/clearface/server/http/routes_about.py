"""What the server does and how it is."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from flask import Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from clearface.photos.kinds import KINDS
from clearface.server.http.context import ServerContext
from clearface.server.http.documents import JSON, may_answer
from clearface.server.http.errors import RETRY_AWAY, ApiError
from clearface.server.http.schemas import AboutSchema, HealthSchema
from clearface.server.http.security import API_PREFIX
from clearface.server.offers import offered_detectors, offered_kinds, offered_restorers
from clearface.server.orders import Task
from clearface.server.settings import ServerSettings
from clearface.version import __version__


def about_blueprint(context: ServerContext) -> APIBlueprint:
    """The routes."""
    api = APIBlueprint("about", __name__, tag="The server")
    settings = context.settings

    @api.get(f"{API_PREFIX}/about")
    @api.doc(
        summary="What this server does",
        operation_id="about",
        responses=may_answer(200, "What there is to choose from, and what is refused.", {JSON: AboutSchema}),
    )
    def about() -> dict[str, Any]:
        return describe_server(settings)

    @api.get("/healthz")
    @api.doc(
        summary="Whether the server lives",
        operation_id="health",
        responses=may_answer(200, "It lives.", {JSON: HealthSchema}),
    )
    def health() -> dict[str, str]:
        return {"status": "alive"}

    @api.get("/readyz")
    @api.doc(
        summary="Whether photos would be worked on now",
        operation_id="ready",
        responses=may_answer(200, "They would.", {JSON: HealthSchema}, 503),
    )
    def ready() -> dict[str, str]:
        load = context.desk.load()
        if context.stopping.is_set() or not load.ready:
            reason = "the server is going down" if context.stopping.is_set() else load.reason
            raise ApiError(503, reason or "the server is not ready", retry_after=RETRY_AWAY)
        return {"status": "ready"}

    @api.get("/metrics")
    @api.doc(
        summary="Figures for Prometheus",
        operation_id="metrics",
        responses=may_answer(200, "In the text format of Prometheus.", {"text/plain": {"type": "string"}}),
    )
    def metrics() -> Response:
        return Response(context.metrics.as_text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)

    return api


def describe_server(settings: ServerSettings) -> dict[str, Any]:
    """What `GET /api/v1/about` answers."""
    kinds = [KINDS[name] for name in offered_kinds()]
    return {
        "version": __version__,
        "tasks": [task.value for task in Task if task is not Task.IDENTIFY or settings.gallery is not None],
        "restorers": [asdict(restorer) for restorer in offered_restorers(settings.networks)],
        "detectors": [asdict(detector) for detector in offered_detectors()],
        "kinds": [kind.label for kind in kinds],
        "accept": ",".join(extension for kind in kinds for extension in kind.extensions),
        "limits": asdict(settings.limits),
        "keep_minutes": settings.keep_seconds / 60,
        "token_required": settings.token is not None,
    }
