"""Cameras of this machine as films."""

import re
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from threading import Condition, Thread
from typing import Any

import av
from av.container import InputContainer
from av.error import FFmpegError

from clearface.errors import FilmError
from clearface.films.base import FilmFrame, FilmInfo, Mark
from clearface.films.canvases import canvas_of
from clearface.films.facts import PictureFacts, picture_facts
from clearface.films.opening import first_frame, frame_rate, prepare
from clearface.films.orientation import UPRIGHT
from clearface.films.scaling import Scaler

_CLOCK = Fraction(1, 1000)
_NAME = re.compile(r"camera(?::(\d+))?")


def open_camera(name: str) -> "CameraSource":
    """A camera by name: "camera" for the first, "camera:1" for the second, or a device.

    Raises FilmError, with the cameras there are, where it cannot be opened.
    """
    system, device = _device(name)
    try:
        return CameraSource(name, av.open(device, format=system, mode="r"))
    except (FFmpegError, OSError, ValueError) as error:
        raise FilmError(f"{name}: the camera cannot be opened; {_there_are(system)}") from error


class CameraSource:
    """A live `FilmSource` over an opened device. Where frames come faster than they are worked on, only the newest counts.

    container: an opened input of PyAV, which this closes. now: seconds of a clock that only goes on.
    """

    path: Path | None = None
    start = Fraction(0)

    def __init__(self, name: str, container: InputContainer, now: Callable[[], float] = time.monotonic) -> None:
        self._container = container
        self._now = now
        stream = container.streams.video[0]
        prepare(stream)
        rate = frame_rate(stream)
        seen: PictureFacts = picture_facts(stream, first_frame(container, stream, name), rate)
        self.stream_index: int = stream.index
        self.facts = PictureFacts(
            seen.width, seen.height, seen.pixel_format, _CLOCK, rate, "rawvideo", seen.colours, seen.aspect
        )
        self.info = FilmInfo(name, seen.width, seen.height, rate, live=True)
        self.skipped = 0
        """How many frames came while an earlier one was being worked on."""

        self._broken = False
        self._scaler = Scaler()

    @property
    def notes(self) -> tuple[str, ...]:
        """See `FilmSource.notes`."""
        told = []
        if self.skipped:
            told.append(f"{self.skipped} frames were skipped, to keep up with the camera")
        if self._broken:
            told.append("the camera was disconnected")
        return tuple(told)

    def frames(self, after: Mark | None = None) -> Iterator[FilmFrame]:
        """See `FilmSource.frames`."""
        if after is not None:
            raise FilmError(f"{self.info.name}: a live video cannot be gone on with")
        newest = _Newest(self._container, self._now)
        thread = Thread(target=newest.run, daemon=True)
        thread.start()
        number, begun, last = 0, None, -1
        try:
            while (caught := newest.take()) is not None:
                frame, moment, missed = caught
                self.skipped += missed
                begun = moment if begun is None else begun
                last = max(last + 1, round((moment - begun) / _CLOCK))
                number += 1
                yield FilmFrame(number, last / 1000, last, canvas_of(frame, UPRIGHT, self._scaler), frame.is_corrupt)
        finally:
            newest.stop()
            thread.join()
            self._broken = newest.broken
        if number == 0:
            raise FilmError(f"{self.info.name}: the camera gives no picture")

    def close(self) -> None:
        """See `FilmSource.close`."""
        self._container.close()


class _Newest:
    """Reads frames as they come and keeps the last one only."""

    def __init__(self, container: InputContainer, now: Callable[[], float]) -> None:
        self._container, self._now = container, now
        self._changed = Condition()
        self._frame: tuple[Any, float] | None = None
        self._missed = 0
        self._over = False
        self.broken = False

    def run(self) -> None:
        try:
            for frame in self._container.decode(video=0):
                with self._changed:
                    if self._over:
                        break
                    self._missed += self._frame is not None
                    self._frame = (frame, self._now())
                    self._changed.notify_all()
        except (FFmpegError, OSError):
            self.broken = True
        self.stop()

    def take(self) -> tuple[Any, float, int] | None:
        """The newest frame, when it came, and how many before it nobody took; None where there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._over)
            if self._frame is None:
                return None
            (frame, moment), missed = self._frame, self._missed
            self._frame, self._missed = None, 0
            return frame, moment, missed

    def stop(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()


def _device(name: str) -> tuple[str, str]:
    """FFmpeg's name of the system of cameras, and of the device in it."""
    match = _NAME.fullmatch(name)
    number = int(match[1] or 0) if match else 0
    if sys.platform == "darwin":
        return "avfoundation", str(number)
    if sys.platform == "win32":
        cameras = _cameras("dshow")
        return "dshow", f"video={cameras[number]}" if number < len(cameras) else "video="
    return "v4l2", f"/dev/video{number}" if match else name


def _cameras(system: str) -> list[str]:
    from av.device import enumerate_input_devices

    try:
        return [found.name for found in enumerate_input_devices(system) if "audio" not in found.media_types]
    except (FFmpegError, OSError, ValueError):
        return []


def _there_are(system: str) -> str:
    names = _cameras(system)
    return f"there are {', '.join(names)}" if names else "there is none on this machine"
