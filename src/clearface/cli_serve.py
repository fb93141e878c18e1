"""`clearface serve` and `clearface worker`: arguments in, one call, a sentence out."""

from pathlib import Path
from typing import Annotated

import typer

from clearface.cli_options import EmbedderModel, EmbedderName, EmbedderPreset, ErrorTableFile

Memory = Annotated[int, typer.Option(min=256, help="Megabytes one photo may take, beyond the networks (Linux).")]
ReadSeconds = Annotated[float, typer.Option(min=0.1, help="Seconds reading one photo may take.")]
PhotoSeconds = Annotated[float, typer.Option(min=0.1, help="Seconds one photo may take in all.")]
MaxPixels = Annotated[int, typer.Option(min=1, help="Refuse photos with more pixels, all frames together.")]
MaxFrames = Annotated[int, typer.Option(min=1, help="Refuse photos with more frames or pages.")]
Network = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=FILE[:PRESET]", help="Offer an ONNX network by this name. May be repeated."),
]
Gallery = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE",
        help="Name the people of this gallery, a file or a URL, to everyone who may use the server. Default: nobody.",
        show_default=False,
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(help="Where photos lie while they are worked on. Default: the temporary folder.", show_default=False),
]
Queue = Annotated[
    str | None,
    typer.Option(
        envvar="CLEARFACE_QUEUE",
        metavar="redis://...",
        help="A Redis whose photos `clearface worker` works on, here and elsewhere.",
        show_default=False,
    ),
]
Store = Annotated[
    str | None,
    typer.Option(
        envvar="CLEARFACE_STORE",
        metavar="FOLDER|s3://...",
        help="With a queue: where photos and results lie for all machines.",
        show_default=False,
    ),
]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0 for every machine that can reach this.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 8000,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the token every request has to bring; or the token itself in CLEARFACE_TOKEN.",
            show_default=False,
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A name the server is reached by, such as photos.example.org. May be repeated."
        ),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(metavar="https://...", help="A site whose pages may use the API. May be repeated."),
    ] = None,
    trusted_proxies: Annotated[
        int, typer.Option(min=0, help="How many proxies before this one tell the truth about clients.")
    ] = 0,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that restore. Default: half the cores, at most 4.", show_default=False),
    ] = None,
    queue_length: Annotated[int, typer.Option(min=1, help="Photos that may wait; beyond, the answer is 429.")] = 64,
    rate: Annotated[
        int, typer.Option(min=0, help="Requests for work a client may make in a minute; 0 for any number.")
    ] = 600,
    keep_minutes: Annotated[float, typer.Option(min=0.01, help="How long results wait to be fetched.")] = 15,
    max_megabytes: Annotated[float, typer.Option(min=0.001, help="Refuse photos of more megabytes.")] = 32,
    max_request_megabytes: Annotated[
        float, typer.Option(min=0.001, help="Refuse requests whose photos are more megabytes together.")
    ] = 256,
    max_files: Annotated[int, typer.Option(min=1, help="Refuse requests with more photos.")] = 50,
    max_pixels: MaxPixels = 64_000_000,
    max_frames: MaxFrames = 200,
    read_seconds: ReadSeconds = 30,
    photo_seconds: PhotoSeconds = 300,
    memory: Memory = 4096,
    network: Network = None,
    gallery: Gallery = None,
    embedder: EmbedderName = None,
    embedder_model: EmbedderModel = None,
    embedder_preset: EmbedderPreset = None,
    error_table: ErrorTableFile = None,
    folder: Folder = None,
    queue: Queue = None,
    store: Store = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Log no requests, only what goes wrong.")] = False,
) -> None:
    """Serve the web page and the HTTP API.

    Everything stays on this machine: photos are deleted once their results are fetched, or after 15 minutes.
    """
    from clearface.server.command import (
        existing_folder,
        gallery_of,
        host_names,
        networks_of,
        read_token,
        run_serve,
        web_origins,
    )
    from clearface.server.settings import MEBIBYTE, ServerSettings, UploadLimits, WorkBounds

    settings = ServerSettings(
        host=host,
        port=port,
        token=read_token(token_file),
        allowed_hosts=host_names(allow_host or []),
        allowed_origins=web_origins(allow_origin or []),
        trusted_proxies=trusted_proxies,
        limits=UploadLimits(
            round(max_megabytes * MEBIBYTE), round(max_request_megabytes * MEBIBYTE), max_files, max_pixels, max_frames
        ),
        bounds=WorkBounds(read_seconds, photo_seconds, memory * MEBIBYTE),
        networks=networks_of(network or []),
        gallery=gallery_of(gallery, embedder, embedder_model, embedder_preset, error_table),
        workers=workers,
        queue_length=queue_length,
        keep_seconds=60 * keep_minutes,
        requests_a_minute=rate,
        folder=existing_folder(folder),
        queue_url=queue,
        store=store,
    )
    raise typer.Exit(run_serve(settings, open_page, quiet))


def worker(
    queue: Queue = None,
    store: Store = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that restore. Default: half the cores, at most 4.", show_default=False),
    ] = None,
    max_pixels: MaxPixels = 64_000_000,
    max_frames: MaxFrames = 200,
    read_seconds: ReadSeconds = 30,
    photo_seconds: PhotoSeconds = 300,
    memory: Memory = 4096,
    network: Network = None,
    gallery: Gallery = None,
    embedder: EmbedderName = None,
    embedder_model: EmbedderModel = None,
    embedder_preset: EmbedderPreset = None,
    error_table: ErrorTableFile = None,
    folder: Folder = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Log only what goes wrong.")] = False,
) -> None:
    """Work on the photos of a queue that `clearface serve --queue` fills, on as many machines as wanted.

    Give it the limits, networks and gallery the server has. Needs the extra clearface[queue].
    """
    from clearface.server.command import existing_folder, gallery_of, networks_of, run_work
    from clearface.server.settings import MEBIBYTE, ServerSettings, UploadLimits, WorkBounds

    settings = ServerSettings(
        limits=UploadLimits(pixels=max_pixels, frames=max_frames),
        bounds=WorkBounds(read_seconds, photo_seconds, memory * MEBIBYTE),
        networks=networks_of(network or []),
        gallery=gallery_of(gallery, embedder, embedder_model, embedder_preset, error_table),
        workers=workers,
        folder=existing_folder(folder),
        queue_url=queue,
        store=store,
    )
    raise typer.Exit(run_work(settings, quiet))
