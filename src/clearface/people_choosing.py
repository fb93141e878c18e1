"""Hiding by who people are: those of a gallery stay visible and all others are hidden, or they alone are hidden."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from clearface.arrays import FloatArray, Pixels
from clearface.choosing import FaceChoice
from clearface.errors import GalleryError, UsageError
from clearface.faces import Face
from clearface.recognition.base import Condition, Decision, KnownFaces
from clearface.recognition.deciding import Decider, DecisionRule
from clearface.recognition.error_tables import ErrorTable
from clearface.recognition.identify import DescribedFace, KnownSource
from clearface.recognition.identify_looks import FaceReader
from clearface.recognition.identify_opening import IdentifyOptions, opened_recognition
from clearface.recognition.identify_squares import recognition_square
from clearface.squares import square_region

STRICT_FALSE_MATCH_RATE = 1e-4
"""Of comparisons with photos of somebody else, how many may be taken for the same person where that keeps a face visible."""

STRANGERS_KEPT = 0.01
"""Of strangers, about how many may be kept: the more photos a gallery has, the more strictly each is compared with."""

GENUINE_SHARE = 0.99
"""Of photos of one person, how many lie within the distance up to which a face may be that person."""

_ANYBODY = 0.5
"""A distance that this share of strangers keeps within says nothing about who somebody is not."""


@dataclass(frozen=True)
class PeopleChoice:
    """Which people of a gallery are kept visible, or hidden alone. Raises UsageError for a rate that is none."""

    keep: bool
    """True: these people stay visible where they are recognized with certainty, and all others are hidden. False: everybody who
    may be one of these people is hidden, and all others stay visible."""

    names: tuple[str, ...] = ()
    """Of the people; without any, everybody in the gallery."""

    options: IdentifyOptions = field(default_factory=IdentifyOptions)
    """Which gallery, embedder and table of errors. Of the rest, which is for naming people, nothing counts: faces are looked at
    as they are, never restored."""

    false_match_rate: float | None = None
    """For `keep`: of comparisons with photos of somebody else, how many may be taken for the same person. None for
    `STRICT_FALSE_MATCH_RATE`, less in galleries of more than a hundred photos (`STRANGERS_KEPT`), or the strictest rate the table
    of errors can tell where that is greater."""

    def __post_init__(self) -> None:
        if self.false_match_rate is not None:
            DecisionRule(false_match_rate=self.false_match_rate)
            if not self.keep:
                raise UsageError("a false-match rate says how surely people are kept, and here nobody is: leave it out")


@dataclass(frozen=True, eq=False)
class Likeness:
    """Who one face is, as far as that matters for hiding it."""

    name: str | None
    """Of the person, known for certain; anybody in the gallery."""

    may_be: frozenset[str]
    """The chosen people it may be, by the looser measure."""

    tells: bool
    """Whether faces in its condition tell people apart: if not, it means nothing that it is like somebody, nor that it is not."""


class PeopleJudge:
    """Says which faces are hidden; keep one for many pictures, as its networks are loaded once.

    Every doubt hides. A face is kept only where it is named for certain: at a strict false-match rate, no tie, as it is and not
    restored, in a condition whose errors were measured. It is hidden as one of the chosen people where it lies within the
    distance that 99% of photos of one person keep within, or where nobody can tell.
    """

    def __init__(
        self,
        reader: FaceReader,
        known: KnownFaces | KnownSource,
        errors: ErrorTable,
        *,
        keep: bool,
        names: Collection[str] = (),
        false_match_rate: float | None = None,
    ) -> None:
        """keep, names, false_match_rate: as in `PeopleChoice`; names as the gallery spells them.

        Raises GalleryError where nobody is known, UsageError where the table cannot tell the rate in any condition.
        """
        self.keep = keep
        self.names = frozenset(names)
        self._reader = reader
        self._errors = errors
        self._source = None if isinstance(known, KnownFaces) else known
        self._known = known if isinstance(known, KnownFaces) else None
        # A gallery too large to be read whole has so many photos that no table tells a rate as strict.
        photos = float("inf") if self._known is None else len(self._known.vectors)
        wanted = min(STRICT_FALSE_MATCH_RATE, STRANGERS_KEPT / max(photos, 1))
        least = min(cell.least_false_match_rate for cell in errors.cells)
        rate = max(wanted, least) if false_match_rate is None else false_match_rate
        self._weaker = false_match_rate is None and rate > wanted
        able = tuple(cell for cell in errors.cells if cell.least_false_match_rate <= rate * (1 + 1e-6))
        # Where no condition is able to tell the rate, deciding says so.
        self._strict = replace(errors, cells=able or errors.cells)
        self._rule = DecisionRule(false_match_rate=rate)
        self._decider = None if self._known is None else Decider(self._known, self._rule, self._strict)

    @property
    def false_match_rate(self) -> float:
        """The one at which people are known for certain."""
        return self._rule.false_match_rate

    @property
    def way(self) -> str:
        """In words, all that decides about a face, but who is in the gallery."""
        return repr((self.keep, sorted(self.names), self._rule, self._errors.checksum))

    def describe(self, pixels: Pixels, faces: Sequence[Face]) -> list[DescribedFace]:
        """What is seen of some faces of an RGB `(H, W, 3)` frame of 8 or 16 bits, as they are. Raises ModelError."""
        looks = self._reader.read(pixels, faces)
        return [
            DescribedFace(face, look.condition, look.quality, look.vector, None, None)
            for face, look in zip(faces, looks, strict=True)
        ]

    def likenesses(self, described: Sequence[DescribedFace]) -> list[Likeness]:
        """Who some faces are. Raises GalleryError where the gallery cannot be reached."""
        if not described:
            return []
        vectors = np.stack([_vector(face) for face in described])
        known, decider = self._comparing(vectors)
        conditions = [face.condition for face in described]
        answers = decider.decide(vectors, conditions)
        distances = np.clip(1 - vectors @ known.vectors.T, 0, 2)
        likenesses = []
        for answer, own, condition in zip(answers, distances, conditions, strict=True):
            certain = answer.decision is Decision.NAMED and _measured(self._strict, condition)
            reach, tells = self._reach(condition)
            near = {known.people[owner].name for owner in np.unique(known.owners[own <= reach])}
            likenesses.append(
                Likeness(
                    answer.candidates[0].person.name if certain else None, frozenset(filter(self._chosen, near)), tells
                )
            )
        return likenesses

    def hides(self, likeness: Likeness) -> bool:
        """Whether a face is hidden that is known by this alone."""
        if self.keep:
            return not (likeness.name is not None and self._chosen(likeness.name))
        return bool(likeness.may_be) or not likeness.tells

    def check_fits(self, choice: FaceChoice) -> None:
        """Raises UsageError where faces are to be kept one way and others hidden alone the other way."""
        check_together(self.keep, choice)

    def hide_of(self, pixels: Pixels, faces: Sequence[Face]) -> list[tuple[bool, str | None]]:
        """Whether each of the faces of a frame is hidden, and who it is, where that is known for certain."""
        inside = [not square_region(recognition_square(face), pixels.shape).empty for face in faces]
        described = self.describe(pixels, [face for face, there in zip(faces, inside, strict=True) if there])
        likenesses = iter(self.likenesses(described))
        answers: list[tuple[bool, str | None]] = []
        for there in inside:
            likeness = next(likenesses) if there else None
            answers.append((True, None) if likeness is None else (self.hides(likeness), likeness.name))
        return answers

    def parted(self, one: DescribedFace, other: DescribedFace) -> bool:
        """Whether two looks that should be at one face are not certain to be."""
        distance = float(1 - _vector(one) @ _vector(other))
        hardest = max(
            (one, other), key=lambda face: (face.condition.blur is None, face.condition.blur, -face.condition.size)
        )
        return distance > self._strict.cell(hardest.condition).threshold(self._rule.false_match_rate)

    def told(self, faces: Iterable[tuple[bool, str | None]]) -> str | None:
        """One sentence about who was hidden and who was not; None where there was no face.

        faces: for each whether it was hidden, and who it is, where that is known for certain.
        """
        listed = list(faces)
        if not listed:
            return None
        seen = _names(name for hidden, name in listed if not hidden)
        hidden = _names(name for hidden, name in listed if hidden)
        if not self.keep:
            told = (
                f"hidden as perhaps one of those to hide: {hidden}" if hidden else "nobody may be one of those to hide"
            )
            return f"{told}; left visible: {seen}" if seen else told
        rate = self._rule.false_match_rate
        weaker = f" (at a false-match rate of {rate:.2g}, the strictest their errors can tell)" if self._weaker else ""
        if not seen:
            who = f"nobody to be kept was recognized with certainty{weaker}, so every face is hidden"
            return f"{who}: {hidden}" if any(name for _, name in listed) else who
        return f"kept: {seen}{weaker}; " + (f"hidden: {hidden}" if hidden else "nobody else was found")

    def _chosen(self, name: str) -> bool:
        return not self.names or name in self.names

    def _comparing(self, vectors: FloatArray) -> tuple[KnownFaces, Decider]:
        if self._known is not None and self._decider is not None:
            return self._known, self._decider
        assert self._source is not None
        known = self._source.known_faces(vectors)
        return known, Decider(known, self._rule, self._strict)

    def _reach(self, condition: Condition) -> tuple[float, bool]:
        """How far photos of one person are apart in that condition, and whether that tells anything."""
        cell = self._errors.cell(condition)
        reach = cell.genuine.least_with(GENUINE_SHARE)
        return reach, _measured(self._errors, condition) and cell.false_matches(reach).value < _ANYBODY


def check_together(keep: bool, choice: FaceChoice) -> None:
    """Raises UsageError where people are kept and faces hidden alone, or the other way about."""
    if keep and choice.only:
        raise UsageError("people are kept visible, and faces named to be the only ones hidden: give one of the two")
    if not keep and choice.keep:
        raise UsageError("people are named to be the only ones hidden, and faces to be kept: give one of the two")


@contextmanager
def opened_people(choice: PeopleChoice) -> Iterator[PeopleJudge]:
    """What is asked for, read and checked, for as long as the gallery has to be open.

    Raises UsageError for names and options that cannot be; GalleryError where the gallery is not there, damaged, empty, made with
    another embedder, or has nobody of a name; ModelError where a network or its table of errors is missing or damaged;
    DependencyError.
    """
    from clearface.gallery.opening import open_gallery
    from clearface.restorers.smfd.estimator import BlurEstimator

    names = set()
    if choice.names:
        with open_gallery(choice.options.gallery, must_exist=True) as gallery:
            for name in choice.names:
                person = gallery.person(name)
                if not person.faces:
                    raise GalleryError(
                        f'{gallery.place.shown}: there is no photo of "{person.name}", so nobody can tell who that is'
                    )
                names.add(person.name)
    with opened_recognition(choice.options) as recognition:
        yield PeopleJudge(
            FaceReader(recognition.embedder, BlurEstimator.from_folder()),
            recognition.known,
            recognition.errors,
            keep=choice.keep,
            names=names,
            false_match_rate=choice.false_match_rate,
        )


@contextmanager
def judge_of(people: PeopleChoice | PeopleJudge | None) -> Iterator[PeopleJudge | None]:
    """What says who is hidden: one that is there already, or that is opened for the time being; raises as `opened_people`."""
    if isinstance(people, PeopleChoice):
        with opened_people(people) as judge:
            yield judge
    else:
        yield people


def _vector(face: DescribedFace) -> FloatArray:
    assert face.before is not None
    return face.before


def _measured(errors: ErrorTable, condition: Condition) -> bool:
    """Whether faces in that condition, or in one no easier, were measured."""
    return any(cell.bin.holds(condition) or cell.bin.no_easier(condition) for cell in errors.cells)


def _names(names: Iterable[str | None]) -> str:
    """People by name, how often each, and how many nobody knows."""
    counts: dict[str | None, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    unnamed = counts.pop(None, 0)
    known = [name for name in counts if name is not None]
    told = [f"{name} ({counts[name]} faces)" if counts[name] > 1 else name for name in sorted(known)]
    if unnamed:
        told.append(f"{unnamed} unnamed")
    return ", ".join(told)
