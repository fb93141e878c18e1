"""What `clearface serve` and `clearface worker` do once their arguments are understood; returns the exit code."""

import logging
import os
import re
import sys
from pathlib import Path

from clearface.errors import UsageError
from clearface.files.explanations import reason, shown
from clearface.files.standard_output import Speaker
from clearface.server.settings import OfferedGallery, OfferedNetwork, ServerSettings

_TOKEN_VARIABLE = "CLEARFACE_TOKEN"  # noqa: S105 - the name of a variable
_SHORTEST_TOKEN = 16
_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


def read_token(file: Path | None) -> str | None:
    """The token in the file, else the one in the environment, else none.

    Raises UsageError where the file cannot be read, or the token is too short to keep anyone out, or could not be sent.
    """
    token = os.environ.get(_TOKEN_VARIABLE) or None
    if file is not None:
        try:
            token = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = reason(error) if isinstance(error, OSError) else "it is no text"
            raise UsageError(f"{shown(file)}: the token cannot be read: {why}") from error
    if token is None:
        return None
    if len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(
            f"a token is at least {_SHORTEST_TOKEN} letters, digits and signs without spaces, such as "
            '`python -c "import secrets; print(secrets.token_urlsafe())"` prints'
        )
    return token


def networks_of(words: list[str]) -> tuple[OfferedNetwork, ...]:
    """Networks as `NAME=FILE` or `NAME=FILE:PRESET`.

    Raises UsageError for a word that is neither, a file that is not there, an unknown preset, a name that is taken; ModelError
    for a network that does not load, since those who would meet it later could do nothing about it.
    """
    from clearface.restorers.registry import RESTORERS, RestorerOptions, build_restorer

    networks: list[OfferedNetwork] = []
    for word in words:
        name, equals, place = word.partition("=")
        if not (name.strip() and equals and place):
            raise UsageError(f'"{word}" is no network: write NAME=FILE, or NAME=FILE:PRESET')
        path, preset = Path(place), None
        if not path.is_file() and ":" in place:
            before, _, preset = place.rpartition(":")
            path = Path(before)
        if not path.is_file():
            raise UsageError(f"{shown(path)}: there is no such network file")
        build_restorer("onnx", RestorerOptions(model=path, preset=preset))
        taken = {entry.name for entry in RESTORERS} | {network.name for network in networks}
        if name.strip().lower() in taken:
            raise UsageError(f'there is a restorer "{name.strip()}" already: call the network something else')
        networks.append(OfferedNetwork(name.strip().lower(), path.resolve(), preset))
    return tuple(networks)


def gallery_of(
    place: str | None,
    embedder: str | None,
    embedder_model: Path | None,
    embedder_preset: str | None,
    error_table: Path | None,
) -> OfferedGallery | None:
    """The gallery whose people are named; None without a place.

    Raises UsageError where something is told of a gallery and none is named; what `opened_recognition` raises where nobody could
    be named, since those who would meet it later could do nothing about it.
    """
    if place is None:
        if any(told is not None for told in (embedder, embedder_model, embedder_preset, error_table)):
            raise UsageError(
                "--embedder, --embedder-model, --embedder-preset and --error-table belong to --gallery: name one"
            )
        return None
    from clearface.embedders.registry import EmbedderOptions
    from clearface.recognition.identify_opening import IdentifyOptions, opened_recognition

    model, table = (None if path is None else path.resolve() for path in (embedder_model, error_table))
    told = EmbedderOptions(model=model, preset=embedder_preset)
    with opened_recognition(IdentifyOptions(place, embedder, told, table)):
        return OfferedGallery(place, embedder, model, embedder_preset, table)


def host_names(words: list[str]) -> tuple[str, ...]:
    """Names the server is reached by. Raises UsageError for what no name can be, such as an address with its scheme."""
    for word in words:
        if word != "*" and not re.fullmatch(r"[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]+\]?", word):
            raise UsageError(f'--allow-host "{word}": this is no name of a machine: write it as in photos.example.org')
    return tuple(words)


def web_origins(words: list[str]) -> tuple[str, ...]:
    """Origins of other sites. Raises UsageError for what is none."""
    for word in words:
        if not re.fullmatch(r"https?://[A-Za-z0-9._-]+(:[0-9]+)?/?", word):
            raise UsageError(f'--allow-origin "{word}": this is no site: write it as in https://www.example.org')
    return tuple(words)


def existing_folder(folder: Path | None) -> Path | None:
    """The folder as it is. Raises UsageError where there is none: a slip of the pen would be made, and filled."""
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{shown(folder)}: there is no such folder")
    return folder


def run_serve(settings: ServerSettings, open_page: bool, quiet: bool) -> int:
    """Serves until it is stopped. Raises ClearfaceError where it cannot begin."""
    from clearface.server.http.app import create_app
    from clearface.server.http.serving import serve
    from clearface.server.opening import open_desk

    _log_to_standard_error(quiet)
    speaker = Speaker(to_stdout=True)

    def ready(address: str) -> None:
        speaker.say(f"clearface is at {address} (Ctrl-C stops it)")
        if settings.token is not None:
            speaker.say("Who opens it is asked for the token.")
        elif not _on_loopback(settings.host):
            speaker.say(
                "Everyone who can reach this machine can use it: CLEARFACE_TOKEN lets in only those who know it."
            )
        if settings.host in _EVERYWHERE:
            speaker.say("Other machines reach it by the address of this one; --allow-host lets them use a name.")
        if open_page:
            import webbrowser

            webbrowser.open(address)

    with open_desk(settings) as desk:
        serve(create_app(settings, desk), settings, ready)
    return 0


def run_work(settings: ServerSettings, quiet: bool) -> int:
    """Works until it is stopped. Raises ClearfaceError where it cannot begin."""
    if settings.queue_url is None:
        raise UsageError(
            "a worker needs a queue: name it with --queue or CLEARFACE_QUEUE, as in redis://localhost:6379/0"
        )
    if settings.store is None:
        raise UsageError(
            "a worker needs the place where the photos lie: name it with --store or CLEARFACE_STORE, as the server does"
        )
    from clearface.server.worker_command import run_worker

    _log_to_standard_error(quiet)
    return run_worker(settings)


def _log_to_standard_error(quiet: bool) -> None:
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING if quiet else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )


def _on_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
