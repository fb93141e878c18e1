"""The app: everything under one roof."""

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from clearface.server.http.context import EXTENSION, build_context
from clearface.server.http.documents import TOKEN_SCHEME, Document, complete_document
from clearface.server.http.errors import register_errors
from clearface.server.http.options import option_sets
from clearface.server.http.rate_limit import work_limit
from clearface.server.http.request_log import watch_requests
from clearface.server.http.requests import bound_bodies
from clearface.server.http.routes_about import about_blueprint
from clearface.server.http.routes_docs import docs_blueprint
from clearface.server.http.routes_job_photos import job_photos_blueprint
from clearface.server.http.routes_jobs import jobs_blueprint
from clearface.server.http.routes_photos import photos_blueprint
from clearface.server.http.schemas import schema_name
from clearface.server.http.security import API_PREFIX, guard
from clearface.server.jobs.base import Desk
from clearface.server.settings import ServerSettings
from clearface.version import __version__

_OPENAPI = "3.0.3"
"""What the Swagger UI that ships can show."""

_INFO = {
    "description": (
        "Finds every face in a photo and makes it sharp. Options have the names they have on the command line, with `_` for "
        "`-`. Errors are JSON with one sentence."
    ),
    "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
}


class PhotoNumber(BaseConverter):
    """The number of a photo in an address, from 1."""

    regex = r"[1-9][0-9]{0,4}"

    def to_python(self, value: str) -> int:
        """As a number."""
        return int(value)


def create_app(settings: ServerSettings, desk: Desk) -> APIFlask:
    """The page, the API and its documentation, ready to be served. The desk is the caller's to close."""
    from clearface.server.page.routes import page

    app = APIFlask(
        "clearface.server.http",
        title="clearface",
        version=__version__,
        docs_path=None,
        static_folder=None,  # type: ignore[arg-type]  # as Flask takes it: there is none
    )
    app.config.update(_openapi_settings(settings))
    app.schema_name_resolver = schema_name
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.url_map.converters["photo_number"] = PhotoNumber
    context = build_context(settings, desk)
    app.extensions[EXTENSION] = context

    watch_requests(app, context.metrics)
    guard(app, settings)
    bound_bodies(app, settings, context.room)
    register_errors(app)
    limited = work_limit(app, settings)
    options = option_sets(settings.networks)

    app.register_blueprint(photos_blueprint(context, options, limited), url_prefix=API_PREFIX)
    app.register_blueprint(jobs_blueprint(context, options, limited), url_prefix=API_PREFIX)
    app.register_blueprint(job_photos_blueprint(context, limited), url_prefix=API_PREFIX)
    app.register_blueprint(about_blueprint(context))
    app.register_blueprint(docs_blueprint())
    app.register_blueprint(page)

    def complete(document: Document) -> Document:
        return complete_document(document, options, settings)

    app.spec_processor(complete)  # type: ignore[arg-type]
    with app.app_context():
        app.spec  # noqa: B018 - made once, before two requests could both make it
    if settings.trusted_proxies > 0:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_port=count, x_prefix=count
        )
    return app


def _openapi_settings(settings: ServerSettings) -> dict[str, object]:
    schemes = {TOKEN_SCHEME: {"type": "http", "scheme": "bearer"}}
    return {
        "OPENAPI_VERSION": _OPENAPI,
        "INFO": _INFO,
        "AUTO_SERVERS": False,
        "AUTO_404_RESPONSE": False,
        "AUTO_200_RESPONSE": False,
        "AUTO_VALIDATION_ERROR_RESPONSE": False,
        "AUTO_AUTH_ERROR_RESPONSE": False,
        "SECURITY_SCHEMES": None if settings.token is None else schemes,
    }
