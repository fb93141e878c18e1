"""Animated GIF, PNG, WebP and AVIF as films: read and written as photos, worked on as films."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from clearface.arrays import Pixels
from clearface.errors import FilmError, PhotoError
from clearface.files.atomic import write_atomically
from clearface.films.array_canvas import ArrayCanvas
from clearface.films.base import FilmFrame, FilmInfo, Mark
from clearface.films.facts import PictureFacts
from clearface.photos.encode import EncodeOptions, encode_photo, losses
from clearface.photos.photo import Photo

_CLOCK = Fraction(1, 1000)
_UNTIMED = 100
"""Milliseconds viewers show a frame that asks for none."""


class AnimationSource:
    """A `FilmSource` over the frames of a decoded animation.

    name: what to call it in sentences. data: the file it was read from. Raises FilmError where it is a single picture.
    """

    path: Path | None = None
    start = Fraction(0)
    stream_index = 0

    def __init__(self, photo: Photo, name: str, data: bytes = b"") -> None:
        self.photo, self.data = photo, data
        if not photo.animated:
            raise FilmError(f"{name}: it is a single picture, not an animation")
        self._photo = photo
        self._lengths = [_length(frame.duration) for frame in photo.frames]
        total = sum(self._lengths)
        width, height = photo.size
        rate = Fraction(len(self._lengths) * 1000, total)
        self.info = FilmInfo(name, width, height, rate, len(self._lengths), total / 1000, notes=photo.notes)
        form = "rgb24" if photo.bit_depth == 8 else "rgb48le"
        self.facts = PictureFacts(width, height, form, _CLOCK, rate)

    @property
    def notes(self) -> tuple[str, ...]:
        """See `FilmSource.notes`."""
        return ()

    def frames(self, after: Mark | None = None) -> Iterator[FilmFrame]:
        """See `FilmSource.frames`. The canvases are copies: the photo stays as it is."""
        at = 0
        for number, (frame, length) in enumerate(zip(self._photo.frames, self._lengths, strict=True), 1):
            if after is None or number > after.number:
                yield FilmFrame(number, at / 1000, at, ArrayCanvas(frame.pixels.copy()), duration=length)
            at += length

    def close(self) -> None:
        """See `FilmSource.close`; nothing is open."""


class AnimationSink:
    """A `FilmSink` that writes an animation with everything but its pixels as it was: alpha, durations, loops, colour profile.

    photo: what the frames came from. target: where it goes; replaced only with `overwrite`. unchanged: the very bytes it was read
    from, written where no pixel is another.
    """

    def __init__(
        self,
        photo: Photo,
        target: Path,
        options: EncodeOptions,
        *,
        overwrite: bool = False,
        unchanged: bytes | None = None,
    ) -> None:
        self._unchanged = unchanged
        self._photo, self._target, self._options, self._overwrite = photo, target, options, overwrite
        self._pixels: list[Pixels] = []
        self.done: Mark | None = None

    def write(self, frame: FilmFrame) -> None:
        """See `FilmSink.write`."""
        if not isinstance(frame.canvas, ArrayCanvas):
            raise TypeError(f"{type(frame.canvas).__name__} is no frame of an animation")
        self._pixels.append(frame.canvas.pixels)

    def finish(self) -> tuple[str, ...]:
        """See `FilmSink.finish`."""
        try:
            same = self._unchanged if self._is_the_same() else None
            data = same or encode_photo(self._photo.with_pixels(self._pixels), self._options)
            write_atomically(self._target, data, overwrite=self._overwrite)
        except PhotoError as error:
            raise FilmError(str(error)) from error
        return ("no pixel changed, passed through",) if same else losses(self._photo, self._options.kind)

    def _is_the_same(self) -> bool:
        return all(
            np.array_equal(frame.pixels, pixels) for frame, pixels in zip(self._photo.frames, self._pixels, strict=True)
        )

    def stop(self) -> str | None:
        """See `FilmSink.stop`: an animation is written whole or not at all."""
        self._pixels.clear()
        return None


def without_alpha(photo: Photo) -> Photo:
    """An animation laid on white, as films hold no transparency."""
    from clearface.photos.rasters import on_white

    return replace(photo, frames=tuple(map(on_white, photo.frames))) if photo.has_alpha else photo


def _length(duration: float | None) -> int:
    return round(duration) if duration and duration >= 1 else _UNTIMED
