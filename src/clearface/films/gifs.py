"""Films into animated GIFs, frame by frame, each with the palette that suits it."""

import os
import shutil
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from av.filter import Graph
from av.video.frame import VideoFrame

from clearface.errors import FilmError
from clearface.files.explanations import reason, shown
from clearface.films.base import FilmFrame, FilmInfo, Mark
from clearface.films.publishing import publish
from clearface.films.words import clock
from clearface.photos.photo import byte_view
from clearface.squares import Region

_CENTISECOND = Fraction(1, 100)
_SHORTEST = 2
"""Centiseconds; viewers show what is shorter much longer."""


class GifSink:
    """A `FilmSink` into a GIF that plays without end. It has no sound, and times in hundredths of a second.

    Raises FilmError where the target exists and may not be replaced.
    """

    def __init__(self, target: Path, info: FilmInfo, *, overwrite: bool = False) -> None:
        if os.path.lexists(target) and not overwrite:
            raise FilmError(f"{shown(target)}: exists already")
        self._info, self._shown, self._overwrite = info, target, overwrite
        self._target = Path(os.path.realpath(target))
        self.folder = self._target.with_name(f".{self._target.name}.clearface-part")
        """Where unfinished work lies."""

        self.done: Mark | None = None
        self._writer: _GifWriter | None = None
        self._seconds = 0.0
        self._skipped = 0
        try:
            if self.folder.exists():
                shutil.rmtree(self.folder)
            self.folder.mkdir(parents=True)
        except OSError as error:
            raise self._failure(error) from error

    def write(self, frame: FilmFrame) -> None:
        """See `FilmSink.write`."""
        canvas = frame.canvas
        pixels = byte_view(canvas.take(Region(0, 0, canvas.width, canvas.height)))
        place, length = round(frame.seconds * 100), max(_SHORTEST, round(100 / self._info.rate))
        try:
            if self._writer is None:
                self._writer = _GifWriter(self.folder / "part.gif", canvas.width, canvas.height, self._info.rate)
            if not self._writer.write(VideoFrame.from_ndarray(pixels, format="rgb24"), place, length):
                self._skipped += 1
        except (FFmpegError, OSError) as error:
            raise self._failure(error) from error
        self._seconds = frame.seconds

    def finish(self) -> tuple[str, ...]:
        """See `FilmSink.finish`."""
        if self._writer is None:
            self._clear()
            raise FilmError(f"{self._info.name}: there is no frame to write")
        self._publish(self._target, self._overwrite)
        notes = [] if self._info.live else ["a GIF holds no sound"]
        if self._skipped:
            notes.append(f"{self._skipped} frames were left out, since a GIF shows at most 50 a second")
        return tuple(notes)

    def stop(self) -> str | None:
        """See `FilmSink.stop`."""
        if self._writer is None:
            self._clear()
            return None
        name = self._target.with_name(f"{self._target.stem}.unfinished{self._target.suffix}")
        try:
            self._publish(name, overwrite=True)
        except FilmError:
            self._clear()
            return None
        return f"stopped at {clock(self._seconds)}; {shown(name)} plays up to there"

    def _publish(self, target: Path, overwrite: bool) -> None:
        writer, self._writer = self._writer, None
        assert writer is not None
        try:
            writer.close()
            publish(target, self._shown, self._move, overwrite=overwrite)
        except (FFmpegError, OSError) as error:
            raise self._failure(error) from error
        self._clear()

    def _move(self, path: Path) -> None:
        (self.folder / "part.gif").replace(path)

    def _clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _failure(self, error: FFmpegError | OSError) -> FilmError:
        if isinstance(error, OSError):
            return FilmError(f"{shown(self._shown)}: cannot be written: {reason(error)}")
        return FilmError(f"{shown(self._shown)}: the video cannot be encoded ({(error.strerror or '').lower()})")


class _GifWriter:
    """A GIF that grows."""

    def __init__(self, path: Path, width: int, height: int, rate: Fraction) -> None:
        self._container = av.open(f"file:{path}", "w", format="gif", container_options={"loop": "0"})
        self._stream = self._container.add_stream("gif", rate=rate, width=width, height=height)
        self._stream.codec_context.pix_fmt = "pal8"
        self._stream.codec_context.time_base = _CENTISECOND
        self._stream.time_base = _CENTISECOND
        self._graph = Graph()
        source = self._graph.add_buffer(
            width=width, height=height, format=av.VideoFormat("rgb24"), time_base=_CENTISECOND
        )
        split, palette = self._graph.add("split"), self._graph.add("palettegen", "stats_mode=single")
        use, sink = self._graph.add("paletteuse", "new=1:dither=sierra2_4a"), self._graph.add("buffersink")
        source.link_to(split)
        split.link_to(use, 0, 0)
        split.link_to(palette, 1, 0)
        palette.link_to(use, 0, 1)
        use.link_to(sink)
        self._graph.configure()
        self._last: int | None = None

    def write(self, frame: VideoFrame, place: int, length: int) -> bool:
        """Whether it found room; `place` and `length` in centiseconds."""
        if self._last is not None and place < self._last + _SHORTEST:
            return False
        self._last = place
        frame.pts, frame.time_base, frame.duration = place, _CENTISECOND, length
        self._graph.push(frame)
        indexed = self._graph.pull()
        assert isinstance(indexed, VideoFrame)
        indexed.pts, indexed.time_base, indexed.duration = place, _CENTISECOND, length
        self._container.mux(self._stream.encode(indexed))
        return True

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()
