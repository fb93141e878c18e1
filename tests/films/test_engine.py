"""Films on their way through: order, few frames at a time, errors, Ctrl-C, going on where a run was stopped."""

import _thread
import threading
import weakref
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
import pytest

from clearface.arrays import Pixels
from clearface.errors import FilmError
from clearface.faces import Box, upright_face
from clearface.films.array_canvas import ArrayCanvas
from clearface.films.base import FilmFrame, FilmInfo, Mark
from clearface.films.conveyor import Conveyor, Stopped
from clearface.films.engine import FilmWork, run_film
from clearface.films.finders import SearchingFinder
from clearface.films.journal import Journal
from clearface.films.transform import FaceOutcome
from clearface.tracking.base import FoundFaces, TrackedFace, TrackedFrame


def pixels_of(frame: FilmFrame) -> Pixels:
    assert isinstance(frame.canvas, ArrayCanvas)
    return frame.canvas.pixels


class Frames:
    """A film of small frames whose top left pixel says their number."""

    def __init__(
        self, count: int, live: bool = False, damaged_at: int | None = None, fails_at: int | None = None
    ) -> None:
        self.info = FilmInfo("frames", 8, 6, Fraction(10), count, count / 10, live)
        self.notes = ("it was read",)
        self.count, self.damaged_at, self.fails_at = count, damaged_at, fails_at
        self.alive: weakref.WeakSet[ArrayCanvas] = weakref.WeakSet()
        self.most_alive = 0
        self.started_after: Mark | None = None

    def frames(self, after: Mark | None = None) -> Iterator[FilmFrame]:
        self.started_after = after
        for number in range(1 if after is None else after.number + 1, self.count + 1):
            if number == self.fails_at:
                raise FilmError("frames: the disk failed")
            pixels = np.full((6, 8, 3), number % 256, np.uint8)
            canvas = ArrayCanvas(pixels)
            self.alive.add(canvas)
            self.most_alive = max(self.most_alive, len(self.alive))
            yield FilmFrame(number, number / 10, number * 512, canvas, number == self.damaged_at)

    def close(self) -> None:
        pass


class Kept:
    """Keeps the first pixel of every frame."""

    def __init__(self, done: Mark | None = None, fails_at: int | None = None) -> None:
        self.done, self.fails_at = done, fails_at
        self.written: list[int] = []
        self.ended: list[str] = []
        self.timestamps: list[int] = []

    def write(self, frame: FilmFrame) -> None:
        if frame.number == self.fails_at:
            raise FilmError("kept: the disk is full")
        self.written.append(int(pixels_of(frame)[0, 0, 0]))
        self.timestamps.append(frame.timestamp)

    def finish(self) -> tuple[str, ...]:
        self.ended.append("finish")
        return ("it was written",)

    def stop(self) -> str | None:
        self.ended.append("stop")
        return "the part lies there"


class Everywhere:
    """One face in every frame, decided some frames later."""

    def __init__(self, delay: int = 0) -> None:
        self.delay = delay
        self.waiting: list[TrackedFrame] = []
        self.searched: list[int] = []

    def search(self, frame: FilmFrame, expected: Sequence[Box] = ()) -> FoundFaces:
        self.searched.append(frame.number)
        return FoundFaces(frame.number, frame.seconds, (upright_face(Box(1, 1, 5, 5.5)),))

    def push(self, found: FoundFaces) -> list[TrackedFrame]:
        faces = tuple(TrackedFace(1, face) for face in found.faces)
        self.waiting.append(TrackedFrame(found.number, found.seconds, faces))
        return [self.waiting.pop(0)] if len(self.waiting) > self.delay else []

    def finish(self) -> list[TrackedFrame]:
        return self.waiting

    def expected(self) -> Sequence[Box]:
        return ()


class Brighten:
    """Adds 100 to every frame, as many at once as it is told."""

    def __init__(self, together: int = 1) -> None:
        self.together = together
        self.batches: list[list[int]] = []

    def apply(self, frames: Sequence[tuple[FilmFrame, TrackedFrame]]) -> list[tuple[FaceOutcome, ...]]:
        self.batches.append([frame.number for frame, _ in frames])
        for frame, _ in frames:
            pixels_of(frame)[:] += 100
        return [tuple(FaceOutcome(face, changed=True) for face in tracked.faces) for _, tracked in frames]


class Heard:
    def __init__(self) -> None:
        self.frames: list[tuple[int, int | None, bool]] = []

    def frame(self, tracked: TrackedFrame, outcomes: tuple[FaceOutcome, ...] | None, damaged: bool) -> None:
        self.frames.append((tracked.number, None if outcomes is None else len(outcomes), damaged))


def finder(delay: int = 0, journal: Journal | None = None) -> tuple[SearchingFinder, Everywhere]:
    everywhere = Everywhere(delay)
    return SearchingFinder(everywhere, everywhere, journal), everywhere


def test_every_frame_comes_through_once_in_order_and_changed():
    source, sink, heard = Frames(40, damaged_at=7), Kept(), Heard()
    end = run_film(FilmWork(source, finder(delay=5)[0], Brighten(3), sink, [heard]))
    assert sink.written == [number + 100 for number in range(1, 41)]
    assert sink.timestamps == [number * 512 for number in range(1, 41)]
    assert sink.ended == ["finish"]
    assert end.notes == ("it was read", "it was written")
    assert not end.stopped
    assert heard.frames == [(number, 1, number == 7) for number in range(1, 41)]


def test_batches_do_not_depend_on_how_fast_anything_is():
    transform = Brighten(4)
    run_film(FilmWork(Frames(10), finder()[0], transform, Kept()))
    assert transform.batches == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]


def test_frames_of_a_camera_are_not_kept_waiting_for_a_batch():
    transform = Brighten(4)
    run_film(FilmWork(Frames(3, live=True), finder()[0], transform, Kept()))
    assert transform.batches == [[1], [2], [3]]


@pytest.mark.parametrize("count", [30, 300])
def test_few_frames_are_in_memory_however_long_the_film(count):
    source = Frames(count)
    run_film(FilmWork(source, finder(delay=6)[0], Brighten(2), Kept()))
    assert source.most_alive <= 6 + 3 * 2 + 2 + 6


def test_a_film_without_sink_and_transform_is_only_looked_at():
    heard = Heard()
    run_film(FilmWork(Frames(5), finder()[0], listeners=[heard]))
    assert heard.frames == [(number, None, False) for number in range(1, 6)]


@pytest.mark.parametrize(("source", "sink"), [(Frames(20, fails_at=9), Kept()), (Frames(20), Kept(fails_at=9))])
def test_an_error_ends_it_keeps_what_is_done_and_is_told(source, sink):
    before = threading.active_count()
    with pytest.raises(FilmError, match="the disk") as caught:
        run_film(FilmWork(source, finder()[0], Brighten(), sink))
    assert sink.ended == ["stop"]
    assert caught.value.__notes__ == ["the part lies there"]
    assert sink.written == [number + 100 for number in range(1, len(sink.written) + 1)]
    assert threading.active_count() == before


class PressesControlC(Heard):
    """As somebody at the keyboard would, when the fifth frame is written; no further frame is until that was noticed."""

    def __init__(self) -> None:
        super().__init__()
        self.pressed = threading.Event()

    def frame(self, tracked: TrackedFrame, outcomes: tuple[FaceOutcome, ...] | None, damaged: bool) -> None:
        super().frame(tracked, outcomes, damaged)
        if tracked.number == 5:
            _thread.interrupt_main()
            self.pressed.set()


class Slow(Frames):
    """Waits for the key to be pressed before it goes on."""

    def __init__(self, count: int, press: PressesControlC, live: bool) -> None:
        super().__init__(count, live)
        self.press = press

    def frames(self, after: Mark | None = None) -> Iterator[FilmFrame]:
        for frame in super().frames(after):
            if frame.number > 11:
                self.press.pressed.wait(20)
                threading.Event().wait(0.01)
            yield frame


def test_control_c_ends_a_film_in_the_middle_and_keeps_what_is_done():
    press, sink = PressesControlC(), Kept()
    end = run_film(FilmWork(Slow(5000, press, live=False), finder()[0], None, sink, [press]))
    assert end.stopped
    assert end.kept == "the part lies there"
    assert sink.ended == ["stop"]
    assert sink.written == [number % 256 for number in range(1, len(sink.written) + 1)]
    assert 5 <= len(sink.written) < 5000


def test_control_c_finishes_what_a_camera_films():
    press, sink = PressesControlC(), Kept()
    end = run_film(FilmWork(Slow(5000, press, live=True), finder(delay=3)[0], None, sink, [press]))
    assert not end.stopped
    assert sink.ended == ["finish"]
    assert 5 <= len(sink.written) < 5000


def test_a_stopped_run_goes_on_with_the_faces_it_knows(tmp_path):
    path = tmp_path / "journal.jsonl"
    first, searched = finder(delay=4, journal=Journal(path))
    with pytest.raises(FilmError):
        run_film(FilmWork(Frames(20), first, None, Kept(fails_at=9)))
    known = Journal(path)
    assert 12 <= known.last <= 20
    path.write_bytes(path.read_bytes() + b'{"frame": 21, "se')
    known = Journal(path)
    second, again = finder(delay=4, journal=known)
    source, sink, heard = Frames(20), Kept(done=Mark(8, 8 * 512)), Heard()
    run_film(FilmWork(source, second, Brighten(3), sink, [heard]))
    assert source.started_after == Mark(8, 8 * 512)
    assert sink.written == [number + 100 for number in range(9, 21)]
    assert again.searched == list(range(known.last + 1, 21))
    assert heard.frames == [(number, None if number <= 8 else 1, False) for number in range(1, 21)]
    assert searched.searched[:9] == list(range(1, 10))


def test_the_journal_keeps_values_to_the_last_bit(tmp_path):
    face = upright_face(Box(0.1, 1 / 3, 17.7, 1e3 / 7), 0.3)
    journal = Journal(tmp_path / "journal.jsonl")
    journal.write(FoundFaces(1, 1 / 30, (face,), True))
    (found,) = Journal(tmp_path / "journal.jsonl").known()
    assert (found.number, found.seconds, found.new_scene) == (1, 1 / 30, True)
    assert found.faces[0].box == face.box
    assert found.faces[0].score == face.score
    np.testing.assert_array_equal(found.faces[0].landmarks, face.landmarks)


def test_a_conveyor_hands_on_in_order_and_lets_go_when_stopped():
    conveyor: Conveyor[int] = Conveyor(2)
    taken: list[int] = []
    thread = threading.Thread(target=lambda: taken.extend(conveyor))
    thread.start()
    for number in range(50):
        conveyor.put(number)
    conveyor.close()
    thread.join()
    assert taken == list(range(50))
    full: Conveyor[int] = Conveyor(1)
    full.put(1)
    threading.Timer(0.05, full.stop).start()
    with pytest.raises(Stopped):
        full.put(2)
    with pytest.raises(Stopped):
        full.take()
