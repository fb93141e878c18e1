"""Interactive documentation: Swagger UI, served from here."""

from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request, send_file

_FOLDER = Path(__file__).with_name("documentation")
_SCRIPT, _STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"


def docs_blueprint() -> Blueprint:
    """The routes."""
    from swagger_ui_bundle import swagger_ui_path

    docs = Blueprint("docs", __name__, template_folder="documentation")
    files = {
        "swagger-ui.css": (Path(str(swagger_ui_path)) / "swagger-ui.css", _STYLE),
        "swagger-ui-bundle.js": (Path(str(swagger_ui_path)) / "swagger-ui-bundle.js", _SCRIPT),
        "start.js": (_FOLDER / "start.js", _SCRIPT),
    }

    @docs.get("/docs")
    def show_docs() -> Response:
        response = Response(render_template("docs.html", root=request.script_root), mimetype="text/html")
        response.headers["Cache-Control"] = "no-cache"
        return response

    @docs.get("/docs/<name>")
    def show_file(name: str) -> Response:
        if name not in files:
            abort(404)
        path, media_type = files[name]
        response = send_file(path, mimetype=media_type, conditional=True, max_age=0)
        response.headers["Cache-Control"] = "no-cache"
        return response

    return docs
