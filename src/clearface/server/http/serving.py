"""The web server itself: Waitress, listening, answering and going down."""

import errno
import json
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from types import FrameType
from typing import Any, cast

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask

from clearface.errors import ClearfaceError
from clearface.server.http.capacity import longest_body
from clearface.server.http.context import EXTENSION, ServerContext
from clearface.server.http.security import HEADERS
from clearface.server.settings import ServerSettings

_LOOK = 0.5
"""Seconds between two looks at whether to stop."""

_LAST_WORDS = 5.0
"""Seconds requests have to come to their end once the server stops."""

_IDLE_CONNECTIONS = 256
"""Open connections besides those a thread works for: browsers keep some for later."""

_WAITING_BYTES = 1024 * 1024
"""Of an answer that may wait to be sent; beyond, its thread waits with it, so that little is lost with a connection."""


def serve(app: Flask, settings: ServerSettings, ready: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT come, then lets requests come to their end.

    ready: called with the address once connections are taken. Raises ClearfaceError where the address cannot be listened at.
    """
    server = WebServer(app, settings)
    with _signals(server.stop):
        ready(server.address)
        server.run()


class WebServer:
    """Listens from the beginning, answers while it runs."""

    def __init__(self, app: Flask, settings: ServerSettings, patience: float = 60.0) -> None:
        """patience: seconds a client may take nothing of its answer.

        Raises ClearfaceError where the address cannot be listened at.
        """
        self._patience = patience
        self._context = cast(ServerContext, app.extensions[EXTENSION])
        self._sockets = _listen(settings.host, settings.port)
        self._host = settings.host
        self.port = cast(int, self._sockets[0].getsockname()[1])
        self._map: dict[int, Any] = {}
        threads = self._context.capacity.threads
        self._server = create_server(
            app,
            map=self._map,
            sockets=self._sockets,
            threads=threads,
            ident="clearface",
            connection_limit=threads + _IDLE_CONNECTIONS,
            # The app bounds bodies by what they hold and says so; this is the bound of what is taken off the wire.
            max_request_body_size=longest_body(settings) + 1,
            max_request_header_size=32 * 1024,
            outbuf_high_watermark=_WAITING_BYTES,
            # One request ahead is read, which shows whether the client is still there while its photo is worked on.
            channel_request_lookahead=1,
            # What proxies say is judged in one place, by the app.
            clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
            asyncore_use_poll=True,
            log_socket_errors=False,
        )
        for listener in self._map.values():
            if isinstance(listener, BaseWSGIServer):
                listener.channel_class = _Channel

    @property
    def address(self) -> str:
        """For a browser on this machine."""
        host = "localhost" if self._host in ("", "0.0.0.0", "::") else self._host.strip("[]")  # noqa: S104 - compared with
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def stop(self) -> None:
        """Has `run` come to its end. From any thread, and from the handler of a signal."""
        self._context.stopping.set()

    def run(self) -> None:
        """Answers until it is stopped."""
        with _quiet_about_addresses():
            while not self._context.stopping.is_set():
                self._turn(_LOOK)
                self._drop_stalled()
            self._stop_listening()
            until = time.monotonic() + _LAST_WORDS
            while self._busy() and time.monotonic() < until:
                self._turn(0.05)
            self._dispatcher.shutdown(timeout=0.5)
            wasyncore.close_all(self._map, ignore_all=True)

    @property
    def _dispatcher(self) -> Any:  # noqa: ANN401  # Waitress has no types
        return self._server.task_dispatcher

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _drop_stalled(self) -> None:
        """Whoever takes nothing of its answer for long loses it, or a few could hold all threads for ever."""
        longest_ago = time.time() - self._patience
        for channel in list(self._map.values()):
            if isinstance(channel, HTTPChannel) and channel.total_outbufs_len and channel.last_activity < longest_ago:
                channel.handle_close()

    def _stop_listening(self) -> None:
        for listener in list(self._map.values()):
            if isinstance(listener, BaseWSGIServer):
                listener.accepting = False
                listener.del_channel(self._map)
        for listening in self._sockets:
            listening.close()

    def _busy(self) -> bool:
        channels = [channel for channel in self._map.values() if isinstance(channel, HTTPChannel)]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


class _SentenceTask(ErrorTask):  # type: ignore[misc]  # Waitress has no types
    """What Waitress itself refuses, answered as everything else is."""

    def execute(self) -> None:
        """Answers and hangs up."""
        error = self.request.error
        status = HTTPStatus(error.code)
        sentence = _SENTENCES.get(status, "the request cannot be answered")
        body = json.dumps({"error": sentence}).encode()
        self.status = f"{status.value} {status.phrase}"
        self.response_headers.extend([("Content-Type", "application/json"), *HEADERS.items()])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


_TLS_HANDSHAKE = b"\x16\x03"
"""How a client begins that takes this for https (RFC 8446, 5.1); it would wait for ever."""


class _Channel(HTTPChannel):  # type: ignore[misc]  # Waitress has no types
    error_task_class = _SentenceTask

    def received(self, data: bytes) -> bool:
        """As Waitress's, but it hangs up on those who speak TLS."""
        if self.request is None and data.startswith(_TLS_HANDSHAKE):
            self.will_close = True
            return False
        return bool(super().received(data))


_SENTENCES = {
    HTTPStatus.BAD_REQUEST: "the request is malformed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the request is larger than the server takes",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "the head of the request is larger than the server takes",
    HTTPStatus.NOT_IMPLEMENTED: "the request is sent in a way that is not understood",
    HTTPStatus.INTERNAL_SERVER_ERROR: "something went wrong in the server",
}


def _listen(host: str, port: int) -> list[socket.socket]:
    """A socket for every address of the host, all of one port. Raises ClearfaceError."""
    name = host.strip("[]")
    try:
        found = socket.getaddrinfo(name or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise ClearfaceError(f"{host}: there is no such address to listen at") from error
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            chosen = sockets[0].getsockname()[1] if sockets else port
            sockets.append(_bound(socket.socket(family, kind, protocol), (address[0], chosen, *address[2:])))
    except OSError as error:
        for opened in sockets:
            opened.close()
        raise ClearfaceError(_why_not(error, host, port)) from error
    return sockets


def _bound(opened: socket.socket, address: tuple[Any, ...]) -> socket.socket:
    try:
        if os.name == "posix":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if opened.family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        opened.listen()
    except OSError:
        opened.close()
        raise
    return opened


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken by another program: choose another one with --port, or 0 for any that is free"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port {port} is kept for the system: choose one from 1024 up with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine"
    return f"{host} port {port} cannot be listened at: {error.strerror}"


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and SIGINT stop the server meanwhile; a second one ends it at once. Only the main thread may ask for that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def handle(number: int, _frame: FrameType | None) -> None:
        stop()
        signal.signal(number, before[cast(signal.Signals, number)])

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _quiet_about_addresses() -> Iterator[None]:
    """Waitress names addresses in its log, and those of jobs are nobody's business."""

    def without_address(record: logging.LogRecord) -> bool:
        if "while serving" in str(record.msg):
            kind = record.exc_info[0] if record.exc_info else None
            record.msg, record.args = "a request was not answered to its end: %s", (kind.__name__ if kind else "gone",)
            record.exc_info = record.exc_text = None
        return not str(record.msg).startswith("Task queue depth")

    loggers = (logging.getLogger("waitress"), logging.getLogger("waitress.queue"))
    for logger in loggers:
        logger.addFilter(without_address)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(without_address)
