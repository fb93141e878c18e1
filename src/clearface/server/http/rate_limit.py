"""How often one client may ask for work."""

import ipaddress
import logging
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, g, request
from flask_limiter import Limiter, RequestLimit

from clearface.server.settings import ServerSettings

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Of a view."""

_AGAIN_AT = "again_at"


def work_limit(app: Flask, settings: ServerSettings) -> Decorator:
    """Bounds how often views that make work are asked by one client, all of them together.

    Counts in memory, or in the Redis of the queue, which all servers share; in memory too while that is away.
    """
    if settings.requests_a_minute <= 0:
        return _unbounded
    limiter = Limiter(
        client_of_request,
        app=app,
        storage_uri=settings.queue_url or "memory://",
        storage_options={} if settings.queue_url is None else {"socket_connect_timeout": 2, "socket_timeout": 2},
        strategy="fixed-window",
        key_prefix="clearface",
        in_memory_fallback_enabled=settings.queue_url is not None,
        on_breach=_note,
    )
    limiter.logger.setLevel(logging.WARNING)  # it would tell who asked too often
    return limiter.shared_limit(f"{settings.requests_a_minute} per minute", scope="work")


def seconds_to_wait() -> int:
    """Until the client of the request at hand, who asked too often, may ask again."""
    again_at: int = g.get(_AGAIN_AT, 0)  # rounded up already
    return max(1, int(again_at - time.time()))


def client_of_request() -> str:
    """The address a request comes from; all of a household's, where it has many of its own (IPv6)."""
    address = request.remote_addr or "unknown"
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 6:
        return str(ipaddress.ip_network((known, 64), strict=False).network_address)
    return address


def _note(limit: RequestLimit) -> None:
    setattr(g, _AGAIN_AT, limit.reset_at)


def _unbounded(view: Callable[..., Any]) -> Callable[..., Any]:
    return view
