"""What a browser asks for to show the page; everything else it does goes through the API."""

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request, send_file, send_from_directory

from clearface.samples import sample_path
from clearface.server.http.context import server_context
from clearface.version import __version__

STATIC_FOLDER = Path(__file__).with_name("static")

_SAMPLE = "astronaut_blurred.jpg"

_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""Told here, since what the system knows of file names differs between systems; nothing else is served."""

page = Blueprint("page", __name__, template_folder="templates")
"""The routes of the page."""


@page.get("/")
def show_page() -> Response:
    """The page itself."""
    host = urlsplit(f"//{request.host}").hostname or ""
    alone = server_context().settings.queue_url is None
    here = alone and _of_this_machine(host) and _asked_from_here()
    text = render_template("clearface_page.html", version=__version__, host=host, here=here, alone=alone)
    response = Response(text, mimetype="text/html")
    response.headers["Cache-Control"] = "no-cache"
    return response


@page.get("/static/sample.jpg")
def show_sample() -> Response:
    """The photo to try it with."""
    return _kept_fresh(send_file(sample_path(_SAMPLE), mimetype="image/jpeg", conditional=True, max_age=0))


@page.get("/static/<path:name>")
def show_static(name: str) -> Response:
    """Styles, scripts and icons. Answers 404 for all else."""
    media_type = _TYPES.get(Path(name).suffix, "application/octet-stream")
    return _kept_fresh(send_from_directory(STATIC_FOLDER, name, mimetype=media_type, conditional=True, max_age=0))


@page.get("/favicon.ico")
def show_icon() -> Response:
    """The icon for browsers that ask by this name."""
    return _kept_fresh(send_from_directory(STATIC_FOLDER, "icon-64.png", mimetype="image/png", max_age=0))


def _of_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _asked_from_here() -> bool:
    """Whether the browser runs on the same machine, as far as that can be told: no other one asks, nor passes a question on."""
    passed_on = any(
        name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
    )
    return not passed_on and _of_this_machine(request.remote_addr or "")


def _kept_fresh(response: Response) -> Response:
    """Kept by the browser, but asked about each time: scripts import each other, and must be of one version."""
    response.headers["Cache-Control"] = "no-cache"
    return response
