"""One line for each request, with nothing in it that came from a client but the method."""

import logging
import time

from flask import Flask, Response, g, request

from clearface.server.http.metrics import Metrics

_LOG = logging.getLogger("clearface.server.requests")

UNKNOWN_ROUTE = "(unknown)"


def watch_requests(app: Flask, metrics: Metrics) -> None:
    """Logs and counts every request: method, pattern of the address, status, milliseconds."""

    def begin() -> None:
        g.begun = time.perf_counter()

    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.begun
        route = UNKNOWN_ROUTE if request.url_rule is None else request.url_rule.rule
        method = request.method if request.method in _METHODS else "other"
        metrics.answered(method, route, response.status_code, seconds)
        _LOG.info("%s %s %d %.0f ms", method, route, response.status_code, 1000 * seconds)
        return response

    app.before_request(begin)
    app.after_request(end)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
