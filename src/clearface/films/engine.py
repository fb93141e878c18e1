"""A film on its way through: read, find, change, write, each on a thread of its own, with few frames in memory."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

from clearface.films.base import FilmFrame, FilmSink, FilmSource, Mark
from clearface.films.conveyor import Conveyor, Stopped
from clearface.films.transform import FaceOutcome, FilmTransform
from clearface.tracking.base import TrackedFrame

_WAITING = 2
"""Frames that wait between two threads: enough that neither waits for the other, few enough for frames of any size."""

_LOOK = 0.1
"""Seconds between two looks at whether somebody pressed Ctrl-C."""

DecidedFrame = tuple[FilmFrame | None, TrackedFrame]
"""A frame and its faces; the frame is None where an earlier run wrote it."""


class FaceFinder(Protocol):
    """Says which faces are where, in the order of the frames."""

    def follow(self, frames: Iterable[FilmFrame], done: Mark | None) -> Iterator[DecidedFrame]:
        """Every frame with its faces, perhaps a little later than it came.

        frames: those behind `done`. What is known of the frames up to there is told too, without the frames.
        """
        ...


class FrameListener(Protocol):
    """Told of every frame, in order, once it is written."""

    def frame(self, tracked: TrackedFrame, outcomes: tuple[FaceOutcome, ...] | None, damaged: bool) -> None:
        """outcomes: None where an earlier run wrote it, or nothing is done to faces."""
        ...


@dataclass(frozen=True, eq=False)
class FilmWork:
    """What is done to one film."""

    source: FilmSource
    finder: FaceFinder

    transform: FilmTransform | None = None
    """None where faces are only looked for."""

    sink: FilmSink | None = None
    """None where nothing is written."""

    listeners: Sequence[FrameListener] = ()


@dataclass(frozen=True)
class FilmEnd:
    """How it went."""

    notes: tuple[str, ...] = ()
    """Sentences of source and sink."""

    stopped: bool = False
    """Ctrl-C ended it in the middle."""

    kept: str | None = None
    """Where the part that was done lies, and how to go on."""


def run_film(work: FilmWork) -> FilmEnd:
    """Takes a film through, and returns when the result has its name.

    Ctrl-C ends a film from a file in the middle, with what was done kept; a live one is finished. Raises what a part of the work
    raises, after the sink has kept what it can; its sentence is then added as a note to the exception.
    """
    engine = _Engine(work)
    try:
        stopped = engine.run()
    except BaseException as error:
        _keep(work.sink, error)
        raise
    if stopped:
        kept = None if work.sink is None else work.sink.stop()
        return FilmEnd(work.source.notes, stopped=True, kept=kept)
    lost = () if work.sink is None else work.sink.finish()
    return FilmEnd(work.source.notes + lost)


def _keep(sink: FilmSink | None, error: BaseException) -> None:
    kept = None if sink is None else sink.stop()
    if kept is not None:
        error.add_note(kept)


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """While it lasts, the first Ctrl-C sets the event instead of being raised wherever the main thread happens to be."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    earlier = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        if not pressed.is_set():
            pressed.set()
        elif callable(earlier):
            earlier(number, frame)

    if not callable(earlier):  # ignored by whoever started this process
        yield pressed
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, earlier)


@dataclass(eq=False)
class _Engine:
    work: FilmWork
    read: Conveyor[FilmFrame] = field(init=False)
    decided: Conveyor[DecidedFrame] = field(init=False)
    changed: Conveyor[tuple[DecidedFrame, tuple[FaceOutcome, ...] | None]] = field(init=False)
    ending: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        together = 1 if self.work.transform is None else self.work.transform.together
        self.together = 1 if self.work.source.info.live else together
        self.done = None if self.work.sink is None else self.work.sink.done
        self.read = Conveyor(_WAITING)
        self.decided = Conveyor(max(_WAITING, self.together))
        self.changed = Conveyor(max(_WAITING, self.together))

    def run(self) -> bool:
        """Whether it was stopped in the middle. Raises the first error of any part."""
        parts: tuple[Callable[[], None], ...] = (self._reading, self._finding, self._changing, self._writing)
        threads = [threading.Thread(target=self._guarded, args=(part,), daemon=True) for part in parts]
        with _interrupts() as pressed:
            try:
                for thread in threads:
                    thread.start()
                stopped = self._wait(threads, pressed)
            except BaseException:
                self._stop()
                raise
        if self.errors:
            raise self.errors[0]
        return stopped

    def _wait(self, threads: list[threading.Thread], pressed: threading.Event) -> bool:
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(_LOOK)
            if pressed.is_set() and not self.ending.is_set():
                if self.work.source.info.live:
                    self.ending.set()
                    self.read.close()
                    threads = threads[1:]  # a camera or pipe may never give the frame that is waited for
                else:
                    self.stopped.set()
                    self._stop()
        return self.stopped.is_set()

    def _guarded(self, part: Callable[[], None]) -> None:
        try:
            part()
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for this thread
            self.errors.append(error)
            self._stop()

    def _stop(self) -> None:
        self.ending.set()
        for conveyor in (self.read, self.decided, self.changed):
            conveyor.stop()

    def _reading(self) -> None:
        for frame in self.work.source.frames(self.done):
            self.read.put(frame)
            if self.ending.is_set():
                break
        self.read.close()

    def _finding(self) -> None:
        for decided in self.work.finder.follow(self.read, self.done):
            self.decided.put(decided)
        self.decided.close()

    def _changing(self) -> None:
        while batch := self.decided.take(self.together):
            present = [(frame, tracked) for frame, tracked in batch if frame is not None]
            outcomes = iter(self.work.transform.apply(present) if self.work.transform and present else ())
            for frame, tracked in batch:
                self.changed.put(((frame, tracked), None if frame is None else next(outcomes, None)))
        self.changed.close()

    def _writing(self) -> None:
        for (frame, tracked), outcomes in self.changed:
            if frame is not None and self.work.sink is not None:
                self.work.sink.write(frame)
            for listener in self.work.listeners:
                listener.frame(tracked, outcomes, frame is not None and frame.damaged)
