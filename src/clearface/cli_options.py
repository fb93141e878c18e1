"""The options that commands share, each with its help."""

from pathlib import Path
from typing import Annotated

import typer

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="Photos, videos, folders (searched through), globs, camera, or - for stdin.",
    ),
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", help="File, folder (the tree is kept), or - for stdout. Default: beside the input."),
]
Suffix = Annotated[
    str | None,
    typer.Option(
        help="Added to the name of a result beside its input; not with --output. Usually _restored or _hidden."
    ),
]
Existing = Annotated[
    str | None, typer.Option(metavar="fail|skip|overwrite", help="What to do where a result exists (fail).")
]
DetectorName = Annotated[
    str, typer.Option("--detector", metavar="centerface|mtcnn|yunet", help="What finds the faces.")
]
DetectorModel = Annotated[
    Path | None, typer.Option(help="Network file of the detector; yunet needs one, centerface can do with its own.")
]
Threshold = Annotated[
    float | None, typer.Option(help="Least score, 0 to 1, at which something counts as a face (centerface 0.3).")
]
MinimumSize = Annotated[float, typer.Option("--min-size", help="Leave out faces smaller than this many pixels.")]
Largest = Annotated[bool, typer.Option("--largest", help="Only the largest face.")]
Centre = Annotated[bool, typer.Option("--centre", help="Only the face nearest the centre.")]
Metadata = Annotated[str, typer.Option(metavar="keep|strip", help="EXIF, XMP and comments.")]
Quality = Annotated[
    int, typer.Option("--quality", min=1, max=100, help="Quality of the result where it is JPEG, WebP, AVIF or HEIC.")
]
MaxPixels = Annotated[int, typer.Option(min=1, help="Refuse photos with more pixels, all frames together.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON for each input on stdout.")]

GalleryPlace = Annotated[
    str | None,
    typer.Option(
        "--gallery",
        metavar="PLACE",
        help="Who is known: a file or a URL. Default: that of CLEARFACE_GALLERY, or else the user's own.",
    ),
]
EmbedderName = Annotated[
    str | None,
    typer.Option(
        "--embedder", metavar="NAME", help="What turns faces into vectors, the one the gallery was made with (fusion)."
    ),
]
EmbedderModel = Annotated[Path | None, typer.Option("--embedder-model", help="Network or fitted file of the embedder.")]
EmbedderPreset = Annotated[
    str | None, typer.Option("--embedder-preset", metavar="NAME", help="What kind of network --embedder-model is.")
]
ErrorTableFile = Annotated[
    Path | None,
    typer.Option("--error-table", help="Errors measured for the embedder. Default: those that come with it."),
]

MOST_PIXELS = 250_000_000
"""Of one photo, all frames together, unless it is said otherwise."""

Detection = Annotated[
    int,
    typer.Option("--detection-size", min=64, help="Long side, in pixels, at which every frame of a video is searched."),
]
Rotations = Annotated[
    bool, typer.Option("--rotations", help="Also look for faces that lie on their side or stand on their head.")
]
Tracker = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="What follows faces from frame to frame: two-step, bytetrack, ocsort."),
]
Sidecar = Annotated[
    bool,
    typer.Option(
        "--sidecar", help="Also write where every face is, frame by frame: NAME.faces.jsonl beside the result."
    ),
]
Raw = Annotated[
    str | None,
    typer.Option(metavar="WxH[@FPS]", help="Standard input is raw RGB24 frames of that size, such as 1280x720@30."),
]
Codec = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Of the video written: h264, h265, vp9, av1, mpeg4, mjpeg, prores, ffv1 (the input's)."
    ),
]
Crf = Annotated[
    int | None,
    typer.Option("--crf", min=0, max=63, help="Of the video written: quality as its codec counts it; less is better."),
]
Preset = Annotated[
    str | None,
    typer.Option("--encoder-preset", metavar="NAME", help="Of the encoder: speed against size, such as medium."),
]
NoAudio = Annotated[bool, typer.Option("--no-audio", help="Leave the sound of a video out.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a video where an earlier run was stopped.")]
