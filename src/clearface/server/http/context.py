"""What every part of the app needs to know."""

import threading
from dataclasses import dataclass
from typing import cast

from flask import current_app

from clearface.server.http.capacity import Capacity, Places, Room
from clearface.server.http.fetched import FetchedResults
from clearface.server.http.metrics import Metrics
from clearface.server.jobs.base import Desk
from clearface.server.settings import ServerSettings

EXTENSION = "clearface"
"""Under this name the context is found among the extensions of the app."""


@dataclass(frozen=True, eq=False)
class ServerContext:
    """One app's settings, its desk, and what it keeps count of."""

    settings: ServerSettings
    desk: Desk
    metrics: Metrics
    capacity: Capacity
    streams: Places
    """For those who follow a job."""

    callers: Places
    """For those who wait until a photo is done."""

    room: Room
    """For what comes in."""

    fetched: FetchedResults
    stopping: threading.Event
    """Set when the server goes down, so that nobody keeps it waiting."""


def build_context(settings: ServerSettings, desk: Desk) -> ServerContext:
    """A context of its own for each app; nothing is shared between apps."""
    capacity = Capacity.of(settings)
    return ServerContext(
        settings,
        desk,
        Metrics(desk),
        capacity,
        Places(capacity.streams),
        Places(capacity.callers),
        Room(capacity.body_bytes),
        FetchedResults(),
        threading.Event(),
    )


def server_context() -> ServerContext:
    """That of the app that answers the request at hand."""
    return cast(ServerContext, current_app.extensions[EXTENSION])
