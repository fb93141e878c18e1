"""From packets to frames, going on where some are damaged."""

from collections.abc import Callable, Iterator

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from clearface.films.reading_notes import ReadingNotes


def decoded_frames(
    container: InputContainer, stream: VideoStream, notes: ReadingNotes, seconds: Callable[[int], float]
) -> Iterator[VideoFrame]:
    """Every frame the decoder gives, in the order they are shown; what it does not give is noted.

    A packet that cannot be decoded is passed over, an end that cannot be read ends it.
    """
    expected = _Expected()
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except FFmpegError:
            notes.broken_end()
            packet = None
        if packet is None:
            break
        if packet.pts is not None and packet.size and not packet.is_discard:
            expected.add(packet.pts)
        try:
            frames = packet.decode()
        except FFmpegError:
            continue  # told below, as its frame does not come
        for frame in frames:
            yield from _told(frame, expected, notes, seconds)
    for frame in _rest(stream):
        yield from _told(frame, expected, notes, seconds)
    for timestamp in expected.left():
        notes.missing(seconds(timestamp))


def _told(
    frame: VideoFrame, expected: "_Expected", notes: ReadingNotes, seconds: Callable[[int], float]
) -> Iterator[VideoFrame]:
    if frame.pts is not None:
        for timestamp in expected.passed(frame.pts):
            notes.missing(seconds(timestamp))
    yield frame


def _rest(stream: VideoStream) -> list[VideoFrame]:
    """What the decoder still holds back; nothing where the demuxer let it go already."""
    try:
        return stream.decode(None)
    except (FFmpegError, EOFError):
        return []


class _Expected:
    """Times of packets whose frames did not come yet."""

    def __init__(self) -> None:
        self._times: set[int] = set()

    def add(self, timestamp: int) -> None:
        self._times.add(timestamp)

    def passed(self, timestamp: int) -> list[int]:
        """The frame of this time came: those before it will not come any more."""
        late = sorted(time for time in self._times if time < timestamp)
        self._times.difference_update(late)
        self._times.discard(timestamp)
        return late

    def left(self) -> list[int]:
        return sorted(self._times)
