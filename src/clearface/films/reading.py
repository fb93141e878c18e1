"""Films in files, frame by frame."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from clearface.errors import FilmError
from clearface.films.base import FilmFrame, FilmInfo, Mark
from clearface.films.canvases import canvas_of
from clearface.films.decoding import decoded_frames
from clearface.films.facts import PictureFacts, picture_facts
from clearface.films.opening import first_frame, frame_rate, open_container, picture_stream, prepare, stream_seconds
from clearface.films.reading_notes import ReadingNotes
from clearface.films.scaling import Scaler
from clearface.films.words import clock

_BEFORE = 12.0
"""Seconds: in broadcast streams, which have no index, this far ahead of a place a whole picture is looked for."""

_VISIBLE_MATRICES = {0, 1, 4, 5, 6, 7, 9, 10}
"""Those by which a picture can be shown without knowing Dolby Vision."""


def open_film(path: Path, name: str) -> "FilmFile":
    """A film in a file; `name` is what to call it in sentences.

    Raises FilmError where it is none, cannot be read, has no picture or no frame, is encrypted, or is Dolby Vision without a
    picture that others can show.
    """
    return FilmFile(path, name)


class FilmFile:
    """A `FilmSource` over a file. It keeps nothing open but while frames are read."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        with open_container(path, name) as container:
            stream = picture_stream(container, name)
            prepare(stream)
            frame = first_frame(container, stream, name)
            rate = frame_rate(stream)
            self.facts: PictureFacts = picture_facts(stream, frame, rate)
            """What a result has to repeat."""

            self.stream_index = stream.index
            """Of the picture."""

            self.start = Fraction(max(container.start_time or 0, 0), 1_000_000)
            """When the film begins on its own clock, in seconds."""

            self.rate_base = stream.base_rate or rate
            self._seconds = stream_seconds(container, stream)
            frames = stream.frames or (round(self._seconds * rate) if self._seconds else None)
        refuse_unseeable(self.facts, name)
        width, height = self.facts.orientation.turned_size(self.facts.width, self.facts.height)
        seconds = self._seconds
        self.info = FilmInfo(name, width, height, rate, frames, seconds)
        self._notes = ReadingNotes(seconds)
        self._scaler = Scaler()
        self._open: InputContainer | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """See `FilmSource.notes`."""
        return self._notes.sentences()

    def seconds(self, timestamp: int) -> float:
        """When a timestamp of this film is shown, from its start."""
        return float(timestamp * self.facts.time_base - self.start)

    def close(self) -> None:
        """Lets go of the file."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def frames(self, after: Mark | None = None) -> Iterator[FilmFrame]:
        """See `FilmSource.frames`."""
        self._notes = ReadingNotes(self._seconds)
        number = 0 if after is None else after.number
        last = None if after is None else after.timestamp
        any_frame = False
        for timestamp, frame in self._timed(after):
            any_frame = True
            if after is not None and timestamp <= after.timestamp:
                continue
            number += 1
            last = timestamp
            seconds = self.seconds(timestamp)
            self._check_size(frame, seconds)
            if frame.is_corrupt:
                self._notes.damaged(seconds)
            canvas = canvas_of(frame, self.facts.orientation, self._scaler)
            self._notes.shown_until(seconds + float(max(frame.duration, 0) * self.facts.time_base))
            yield FilmFrame(number, seconds, timestamp, canvas, frame.is_corrupt, max(frame.duration, 0) or None)
        if not any_frame and last is None:
            raise FilmError(f"{self.info.name}: there is no frame in it that can be decoded")
        self._notes.ended()

    def _timed(self, after: Mark | None) -> Iterator[tuple[int, VideoFrame]]:
        """Frames with times that grow, from the start or from before `after`."""
        if after is not None:
            yield from self._sought(after)
            return
        step = max(1, round(1 / (self.info.rate * self.facts.time_base)))
        last: int | None = None
        for frame in self._decoded(None):
            timestamp = frame.pts if frame.pts is not None else frame.dts
            if timestamp is None:
                timestamp = 0 if last is None else last + step
                self._notes.untimed()
            elif last is not None and timestamp <= last:
                timestamp = last + 1
                self._notes.untimed()
            last = timestamp
            yield timestamp, frame

    def _sought(self, after: Mark) -> Iterator[tuple[int, VideoFrame]]:
        """From a whole picture before `after` on; all from the start where that frame is not met again, whole, that way."""
        met, whole, last = False, False, None
        for frame in self._decoded(after.timestamp):
            timestamp = frame.pts
            whole = whole or (frame.key_frame and not frame.is_corrupt)
            if not met:
                met = timestamp == after.timestamp
                if met and not whole:
                    break
                if timestamp is None or timestamp > after.timestamp:
                    break
                continue
            if timestamp is None or timestamp <= (last or after.timestamp):
                timestamp = (last or after.timestamp) + 1
                self._notes.untimed()
            last = timestamp
            yield timestamp, frame
        if met and (whole or last is not None):
            return
        self._notes = ReadingNotes(self._seconds)
        for number, (timestamp, frame) in enumerate(self._timed(None), 1):
            if number > after.number:
                yield timestamp, frame

    def _decoded(self, from_timestamp: int | None) -> Iterator[VideoFrame]:
        self.close()
        container = self._open = open_container(self.path, self.info.name)
        try:
            stream = picture_stream(container, self.info.name)
            prepare(stream)
            if from_timestamp is not None:
                self._seek(container, stream, from_timestamp)
            yield from decoded_frames(container, stream, self._notes, self.seconds)
        finally:
            self.close()

    def _seek(self, container: InputContainer, stream: VideoStream, timestamp: int) -> None:
        indexed = container.format.name not in ("mpegts", "mpeg", "mpegvideo")
        target = timestamp if indexed else timestamp - round(_BEFORE / self.facts.time_base)
        try:
            container.seek(target, stream=stream, backward=True)
        except FFmpegError:
            container.close()
            raise

    def _check_size(self, frame: VideoFrame, seconds: float) -> None:
        if (frame.width, frame.height) != (self.facts.width, self.facts.height):
            before, now = f"{self.facts.width} x {self.facts.height}", f"{frame.width} x {frame.height}"
            raise FilmError(
                f"{self.info.name}: its picture changes from {before} to {now} pixels at {clock(seconds)}; "
                "cut the video there and give the parts one by one"
            )


def refuse_unseeable(facts: PictureFacts, name: str) -> None:
    """Raises FilmError for Dolby Vision whose colours only its own decoders know (profile 5)."""
    if facts.hdr.dolby_vision and facts.colours.matrix not in _VISIBLE_MATRICES:
        raise FilmError(
            f"{name}: it is a Dolby Vision video without a picture that other programs can show; "
            "convert it to HDR10 or SDR first"
        )
