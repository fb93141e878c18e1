"""Films in files, opened: which stream is the picture, what is known of it, and sentences for what is none."""

import stat
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from clearface.errors import FilmError
from clearface.files.explanations import reason, shown
from clearface.films.kinds import DEMUXERS

_ENCRYPTED_TAGS = {"encv", "drmi"}
_NO_PICTURE = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_DEFAULT_RATE = Fraction(25)


def open_container(path: Path, name: str) -> InputContainer:
    """The container of a file. Raises FilmError, naming it, where there is none or it cannot be read."""
    _check_file(path, name)
    try:
        # The prefix keeps names with a colon from being taken for addresses; nothing but this file is opened.
        options = {"protocol_whitelist": "file", "format_whitelist": ",".join(DEMUXERS)}
        return av.open(f"file:{path}", "r", container_options=options, metadata_errors="surrogateescape")
    except MemoryError as error:
        raise FilmError(f"{name}: there is not enough memory to open the video") from error
    except FFmpegError as error:
        raise FilmError(f"{name}: {_why_not(path, error)}") from error
    except (OSError, ValueError) as error:
        raise FilmError(f"{name}: this cannot be the name of a video ({error})") from error


def picture_stream(container: InputContainer, name: str) -> VideoStream:
    """The stream that is the picture: cover art is none; of several the one marked as default, else the largest.

    Raises FilmError where there is none, or it is encrypted.
    """
    moving = [stream for stream in container.streams.video if not stream.disposition & _NO_PICTURE]
    if not moving:
        raise FilmError(f"{name}: it holds {_what_else(container)}, but no moving picture")
    able = [stream for stream in moving if stream.codec_context is not None]
    if not able:
        raise FilmError(f"{name}: its picture is encoded in a way that is not known here")
    best = max(able, key=lambda stream: (bool(stream.disposition & Disposition.default), stream.width * stream.height))
    if best.codec_context.codec_tag in _ENCRYPTED_TAGS:
        raise FilmError(f"{name}: it is encrypted, and cannot be shown without its key")
    return best


def prepare(stream: VideoStream) -> None:
    """Has a stream decoded on all cores, with damaged frames handed out rather than dropped."""
    from av.codec.context import Flags

    stream.thread_type = "AUTO"
    stream.codec_context.flags |= int(Flags.output_corrupt)


def first_frame(container: InputContainer, stream: VideoStream, name: str) -> VideoFrame:
    """The first frame that can be decoded. Raises FilmError where there is none."""
    try:
        for packet in container.demux(stream):
            try:
                for frame in packet.decode():
                    return frame
            except FFmpegError:
                continue  # damaged; perhaps the next one is not
    except FFmpegError as error:
        raise FilmError(f"{name}: the video cannot be decoded ({_short(error)})") from error
    raise FilmError(f"{name}: there is no frame in it that can be decoded")


def frame_rate(stream: VideoStream) -> Fraction:
    """Frames a second on average, as far as the container tells."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and 0 < rate <= 1000:
            return rate
    return _DEFAULT_RATE


def stream_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """How long the picture lasts by the container's word; None where it does not tell."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    for key, value in stream.metadata.items():
        if key.upper().partition("-")[0] == "DURATION" and value.count(":") == 2:
            hours, minutes, seconds = value.split(":")
            try:
                length = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            except ValueError:
                return None
            # Matroska counts from the start of the film
            return length - max(0.0, float((stream.start_time or 0) * (stream.time_base or 0)))
    return None


def _check_file(path: Path, name: str) -> None:
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise FilmError(f"{name}: there is no such file") from error
    except OSError as error:
        raise FilmError(f"{name}: cannot be read: {reason(error)}") from error
    except ValueError as error:  # a NUL inside the name
        raise FilmError(f"{shown(path)!r}: this cannot be the name of a file") from error
    if stat.S_ISDIR(status.st_mode):
        raise FilmError(f"{name}: this is a folder, not a video")
    if not stat.S_ISREG(status.st_mode):
        raise FilmError(f"{name}: this is a device or a pipe, not a file")
    if status.st_size == 0:
        raise FilmError(f"{name}: the file is empty")


def _why_not(path: Path, error: FFmpegError) -> str:
    from clearface.films.kinds import film_kind_of_content

    if isinstance(error, PermissionError):
        return "cannot be read: permission denied"
    try:
        with path.open("rb") as file:
            kind = film_kind_of_content(file.read(512))
    except OSError as problem:
        return f"cannot be read: {reason(problem)}"
    if kind is None:
        return "it is not a video of a kind that is known here"
    if kind in ("MP4", "MOV", "3GP"):
        return "the video is cut short or damaged: the index of its frames is missing (the recording was not finished)"
    return f"the video is damaged and cannot be read ({_short(error)})"


def _what_else(container: InputContainer) -> str:
    if container.streams.audio:
        return "sound"
    if container.streams.video:
        return "a still picture"
    return "data"


def _short(error: FFmpegError) -> str:
    return (error.strerror or type(error).__name__).lower()
