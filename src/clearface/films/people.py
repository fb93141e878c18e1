"""Which faces of a film are hidden by who they are: decided for stretches of a track, while its frames wait."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from clearface.films.base import FilmFrame, Mark
from clearface.films.engine import DecidedFrame, FaceFinder
from clearface.people_choosing import Likeness, PeopleJudge
from clearface.recognition.identify import DescribedFace
from clearface.recognition.identify_tracks import BEST, SEEN, TrackLooks, pooled_looks
from clearface.tracking.base import Known, TrackedFace, TrackedFrame

AHEAD = 1.0
"""Seconds for which a face is shown between two looks, before the first and after the last."""

WAIT = 1.5
"""Seconds that frames wait: as long, and until a face that was not seen for so long is known by three looks."""

EVERY = 0.2
"""Seconds between two looks at a face."""

TOGETHER = 3
"""Looks that are pooled before they count: what one says of a face, the next may not."""

_HIDDEN_FOR = 2.0
"""Seconds for which a face at least stays hidden that was taken for somebody else, so that nothing flickers."""

_REMEMBERED = 16
_POOR = 0.5
"""A look of less than this part of the quality of the best says nothing against anybody: faces turn and blur."""

_GONE = 15.0
"""Seconds after which a track does not come back: more than any gap that is filled."""


class _Bearing(Enum):
    """What a look says of what was decided."""

    FOR = auto()
    NEITHER = auto()
    DOUBT = auto()
    """By itself it speaks against it: what is shown does not go on across it."""

    AGAINST = auto()
    """It is over."""


@dataclass(frozen=True, eq=False)
class _Look:
    number: int
    """Of the frame."""

    seconds: float
    described: DescribedFace
    likeness: Likeness


@dataclass(frozen=True)
class _Span:
    """A stretch of time in which a face is shown, both ends included."""

    start: float
    end: float
    name: str | None


@dataclass(eq=False)
class _Track:
    """What is known of one track."""

    shown: bool = False
    """Whether it is decided, for now, that it may be seen."""

    name: str | None = None
    """Whom it is shown as, where that is known."""

    banned: bool = False
    """It stays hidden, whatever is seen of it from now on."""

    known_as: str | None = None
    """Whom it was last taken for with certainty."""

    hidden_until: float = -float("inf")
    looks: list[_Look] = field(default_factory=list)
    """The last ones."""

    best_quality: float = 0.0
    first: float | None = None
    """When it was looked at first."""

    last: float = -float("inf")
    borne_out: _Look | None = None
    """The last look that spoke for what is decided."""

    goes_on: bool = False
    """Whether it may be shown from that look on."""

    doubted: float = -float("inf")
    """When a look spoke against it last."""

    spans: list[_Span] = field(default_factory=list)
    told: float = -float("inf")
    """When it was there last, seen or supposed."""


class FilmPeople:
    """A `FaceFinder` that looks at the faces another one tells, and says which of them are hidden by who they are.

    A track is hidden until three looks, and its best frames pooled, decide that it may be seen. From then on it is shown between
    looks that bear this out and are no more than a second apart. Somebody is kept while every look is like that person and like
    the look before it, so that a track that goes on with somebody else is hidden from the last look on that was certain; where
    three looks together speak against the person, it stays hidden for two seconds, and may be recognized anew after that. A face
    that is none of those to be hidden is shown until three looks together say that it may be, and never again. A single look that
    speaks against what was decided hides from the last good one before it to the first good one a second after it.
    """

    def __init__(self, judge: PeopleJudge) -> None:
        self._judge = judge
        self._finder: FaceFinder | None = None
        self._most_waiting = 1
        self._every = 0.0
        self._looks = TrackLooks(judge.describe, BEST, EVERY)
        self._tracks: dict[int, _Track] = {}
        self._waiting: deque[tuple[FilmFrame, TrackedFrame]] = deque()
        self._hidden: dict[tuple[int, int], bool] = {}

    def over(self, finder: FaceFinder, most_waiting: int, rate: float) -> FaceFinder:
        """Itself, once it is told what finds the faces of the film.

        most_waiting: frames that may wait here, 1 or more; of large ones fewer than a second's fit into memory. rate: frames a
        second; where too few wait for two looks, every frame is looked at.
        """
        self._finder = finder
        self._most_waiting = most_waiting
        self._every = EVERY if most_waiting >= 2 * EVERY * rate else 0.0
        return self

    def follow(self, frames: Iterable[FilmFrame], done: Mark | None) -> Iterator[DecidedFrame]:
        """See `FaceFinder.follow`. The faces told have names where they are known."""
        assert self._finder is not None
        for frame, tracked in self._finder.follow(frames, done):
            if frame is None:
                yield None, tracked
                continue
            if tracked.new_scene:
                yield from self._flushed()
            self._see(frame, tracked)
            self._waiting.append((frame, tracked))
            while len(self._waiting) > self._most_waiting or self._longest_wait() > WAIT:
                yield self._told(sure=self._longest_wait() >= self._every)
        yield from self._flushed()

    def hidden(self, number: int, face: TrackedFace) -> bool:
        """Whether a face of a frame is hidden; each is asked about once."""
        return self._hidden.pop((number, face.track), True)

    def _longest_wait(self) -> float:
        return self._waiting[-1][1].seconds - self._waiting[0][1].seconds

    def _flushed(self) -> Iterator[DecidedFrame]:
        """At the end of a scene: the frames that still wait, and no track goes on."""
        self._look_at_last_of(())
        while self._waiting:
            yield self._told(sure=True)
        for number in list(self._tracks):
            self._forget(number)

    def _forget(self, number: int) -> None:
        del self._tracks[number]
        self._looks.forget([number])

    def _see(self, frame: FilmFrame, tracked: TrackedFrame) -> None:
        faces = [face for face in tracked.faces if face.known is not Known.MARKED]
        for face in faces:
            self._tracks.setdefault(face.track, _Track()).told = tracked.seconds
        self._look_at_last_of(faces)
        self._look(frame, tracked, faces, self._every)
        for number in [number for number, track in self._tracks.items() if tracked.seconds - track.told > _GONE]:
            self._forget(number)

    def _look_at_last_of(self, faces: Sequence[TrackedFace]) -> None:
        """Looks at those that were there in the last frame and are not among these faces, so that no end goes unseen."""
        if not self._waiting:
            return
        there = {face.track for face in faces if face.known in SEEN}
        frame, tracked = self._waiting[-1]
        self._look(frame, tracked, [face for face in tracked.faces if face.track not in there], 0.0)

    def _look(self, frame: FilmFrame, tracked: TrackedFrame, faces: Sequence[TrackedFace], every: float) -> None:
        seen = self._looks.see(tracked.seconds, frame.canvas, faces, every)
        likenesses = self._judge.likenesses([described for _, described in seen])
        for (face, described), likeness in zip(seen, likenesses, strict=True):
            self._take_in(face.track, _Look(tracked.number, tracked.seconds, described, likeness))

    def _take_in(self, number: int, look: _Look) -> None:
        track = self._tracks[number]
        track.first = look.seconds if track.first is None else track.first
        track.last = look.seconds
        track.known_as = look.likeness.name or track.known_as
        track.best_quality = max(track.best_quality, look.described.quality)
        if track.banned:
            return
        if look.seconds < track.hidden_until:
            self._looks.begin_anew(number)
            return
        track.looks = [*track.looks, look][-_REMEMBERED:]
        together = None
        if len(track.looks) >= TOGETHER:
            together = self._likeness_of(pooled_looks([each.described for each in track.looks[-TOGETHER:]]))
        before = None if track.borne_out is None else track.borne_out.described
        self._weigh(number, track, look, self._bearing(track, look, before, together))
        if not track.shown and track.looks and together is not None:
            self._decide(number, track)

    def _decide(self, number: int, track: _Track) -> None:
        """Whether it may be seen from now on, and where it was seen before."""
        pooled = self._looks.pooled(number)
        likeness = self._likeness_of(pooled)
        track.known_as = likeness.name or track.known_as
        if self._judge.hides(likeness):
            return
        track.name, track.shown = likeness.name, True
        track.doubted, track.goes_on = -float("inf"), False
        for look in track.looks:
            self._weigh(number, track, look, self._bearing(track, look, pooled, None))

    def _weigh(self, number: int, track: _Track, look: _Look, bearing: _Bearing) -> None:
        if bearing is _Bearing.AGAINST:
            self._turn(number, track, look.seconds)
        elif bearing is _Bearing.DOUBT:
            track.doubted, track.goes_on = look.seconds, False
        elif bearing is _Bearing.FOR and track.shown:
            self._bear_out(track, look)

    def _likeness_of(self, described: DescribedFace) -> Likeness:
        (likeness,) = self._judge.likenesses([described])
        return likeness

    def _bear_out(self, track: _Track, look: _Look) -> None:
        before, track.borne_out = track.borne_out, look
        if look.seconds - track.doubted < AHEAD:  # so that nothing flickers
            return
        together = before is not None and (look.seconds - before.seconds <= AHEAD or look.number - before.number == 1)
        if before is not None and together and track.goes_on:
            track.spans.append(_Span(before.seconds, look.seconds, track.name))
        elif look.seconds == track.first:
            track.spans.append(_Span(look.seconds - AHEAD, look.seconds, track.name))
        track.goes_on = True

    def _turn(self, number: int, track: _Track, seconds: float) -> None:
        """It is not, or no more, certain that it may be seen."""
        track.shown, track.name, track.borne_out, track.goes_on, track.looks = False, None, None, False, []
        if self._judge.keep:
            track.hidden_until = seconds + _HIDDEN_FOR
        else:
            track.banned, track.spans = True, []
        self._looks.begin_anew(number)

    def _bearing(self, track: _Track, look: _Look, before: DescribedFace | None, together: Likeness | None) -> _Bearing:
        """before: what it has to be like. together: of this look and those before it, where there are enough."""
        likeness = look.likeness
        against = together is not None and together.tells
        if not self._judge.keep:
            if against and together is not None and together.may_be:
                return _Bearing.AGAINST
            if not likeness.tells:
                return _Bearing.NEITHER
            return _Bearing.DOUBT if likeness.may_be else _Bearing.FOR
        if track.name is None:
            return _Bearing.NEITHER
        if likeness.name is not None:
            return _Bearing.FOR if likeness.name == track.name else _Bearing.AGAINST
        if not likeness.tells or look.described.quality < _POOR * track.best_quality:
            return _Bearing.NEITHER
        if track.name in likeness.may_be:
            like = before is not None and not self._judge.parted(before, look.described)
            return _Bearing.FOR if like else _Bearing.DOUBT
        against = against and together is not None and track.name not in together.may_be
        return _Bearing.AGAINST if against else _Bearing.DOUBT

    def _told(self, sure: bool) -> DecidedFrame:
        """The frame that waited longest. sure: every face of it was looked at again since, if it was there."""
        frame, tracked = self._waiting.popleft()
        faces = tuple(self._named(tracked, face, sure) for face in tracked.faces)
        return frame, replace(tracked, faces=faces)

    def _named(self, tracked: TrackedFrame, face: TrackedFace, sure: bool) -> TrackedFace:
        track = self._tracks.get(face.track)
        if face.known is Known.MARKED or track is None:
            return face
        seconds = tracked.seconds
        track.spans = [span for span in track.spans if span.end >= seconds]
        span = _span_at(track, seconds, sure)
        self._hidden[(tracked.number, face.track)] = span is None
        if span is None:
            return replace(face, name=track.known_as)
        return replace(face, name=span.name)


def _span_at(track: _Track, seconds: float, sure: bool) -> _Span | None:
    """The stretch in which a track is shown at a time, if it is."""
    for span in _holding(track.spans, seconds):
        return span
    last = track.borne_out
    # Nobody looked since, so it was not there for certain: it is shown as long as it would be hidden, had it been hidden.
    certain = sure and track.shown and track.goes_on
    if certain and last is not None and last.seconds == track.last <= seconds <= last.seconds + AHEAD:
        return _Span(last.seconds, seconds, track.name)
    return None


def _holding(spans: Sequence[_Span], seconds: float) -> Iterator[_Span]:
    return (span for span in spans if span.start <= seconds <= span.end)
