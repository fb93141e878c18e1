"""Who may ask for what, and what browsers are told to hold against pages that are not clearface's."""

import hmac
import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request

from clearface.server.http.errors import ApiError, error_answer
from clearface.server.settings import ServerSettings

API_PREFIX = "/api/v1"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "private, no-store",
}

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_WITHOUT_TOKEN = frozenset({f"{API_PREFIX}/about"})
_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to

_SHARED_METHODS = "GET, POST, PATCH, DELETE"
_SHARED_HEADERS = "Authorization, Content-Type"
_TOLD_HEADERS = "Content-Disposition, Location, Retry-After, X-Clearface-Notes, X-Clearface-Status"


def guard(app: Flask, settings: ServerSettings) -> None:
    """Has every request checked before it is looked at, and every answer given its headers."""
    hosts = _Hosts(settings)
    origins = frozenset(origin.rstrip("/").lower() for origin in settings.allowed_origins)

    def check() -> Response | None:
        try:
            hosts.check(request.environ.get("HTTP_HOST"))
            _check_origin(request, origins)
            if request.method == "OPTIONS" and _shared_with(request, origins):
                return Response(status=204)
            _check_token(request, settings.token)
        except ApiError as error:
            return error_answer(error)
        return None

    def finish(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if origins:
            _share(response, _shared_with(request, origins))
        return response

    app.before_request(check)
    app.after_request(finish)


class _Hosts:
    """The names the server is reached by. A page elsewhere whose name is made to point here asks by that name, and is refused."""

    def __init__(self, settings: ServerSettings) -> None:
        bound = settings.host.strip("[]").lower()
        self._any = "*" in settings.allowed_hosts
        self._names = {bound, *(name.lower() for name in settings.allowed_hosts)} - _EVERYWHERE
        self._everywhere = bound in _EVERYWHERE
        self._loopback = self._everywhere or _is_loopback(bound)
        if self._loopback:
            self._names.add("localhost")

    def check(self, host: str | None) -> None:
        """host: the header; browsers always send one. Raises ApiError 403."""
        if host is None or self._any:
            return
        name = host_name(host)
        if name is None or not self._known(name):
            raise ApiError(403, "the server is not reached by this name; whoever runs it can allow it")

    def _known(self, name: str) -> bool:
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        # A bare address cannot be made to point elsewhere.
        return self._everywhere or (self._loopback and address.is_loopback)


def host_name(host: str) -> str | None:
    """The name or address of a `Host` header, lower case, without port and brackets; None where it is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.path or parts.query or parts.fragment or parts.username is not None or not parts.hostname:
        return None
    return parts.hostname.rstrip(".")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _check_origin(asked: Request, origins: frozenset[str]) -> None:
    """Pages of other sites may not have anything done. Raises ApiError 403."""
    if asked.method in _READING:
        return
    origin = asked.headers.get("Origin")
    if origin is not None:
        if origin.lower() in origins or _own(origin, asked.environ.get("HTTP_HOST", "")):
            return
        raise ApiError(403, "pages of other sites may not use this server")
    if asked.headers.get("Sec-Fetch-Site") == "cross-site":
        raise ApiError(403, "pages of other sites may not use this server")


def _own(origin: str, host: str) -> bool:
    """Whether an origin is the server's own: of the same name and port, whatever the scheme a proxy took away."""
    try:
        parts = urlsplit(origin)
        told = urlsplit(f"//{host}")
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        same_port = (parts.port or usual) == (told.port or usual)
    except ValueError:
        return False
    return usual is not None and parts.hostname is not None and parts.hostname == told.hostname and same_port


def _check_token(asked: Request, token: str | None) -> None:
    """Raises ApiError 401."""
    if token is None or not needs_token(asked.path):
        return
    scheme, _, given = asked.headers.get("Authorization", "").partition(" ")
    # Headers are bytes read as Latin-1.
    same = hmac.compare_digest(given.strip().encode("latin-1", "replace"), token.encode("utf-8"))
    if scheme.lower() != "bearer":
        raise ApiError(401, "this needs the token the server was started with, as `Authorization: Bearer TOKEN`")
    if not same:
        raise ApiError(401, "this is not the token the server was started with")


def needs_token(path: str) -> bool:
    """Whether an address, or the pattern of one, is for those alone who know the token, where one is set."""
    return (path.startswith("/api/") and path not in _WITHOUT_TOKEN) or path == "/metrics"


def _shared_with(asked: Request, origins: Iterable[str]) -> str | None:
    """The origin of another site that may read the answer."""
    origin = asked.headers.get("Origin")
    return origin if origin is not None and origin.lower() in origins else None


def _share(response: Response, origin: str | None) -> None:
    response.vary.add("Origin")
    if origin is None:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = _TOLD_HEADERS
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = _SHARED_METHODS
        response.headers["Access-Control-Allow-Headers"] = _SHARED_HEADERS
        response.headers["Access-Control-Max-Age"] = "600"
