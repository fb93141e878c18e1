"""Which of the faces found are hidden, by number or by place, in photos and films alike."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from math import isfinite

from clearface.errors import UsageError
from clearface.faces import Box, Face, upright_face

Pick = int | Box
"""A face by its number, from 1, or every face whose box has its centre in a rectangle."""

_FARTHEST = 1_000_000.0
"""Pixels: no picture is as wide."""


@dataclass(frozen=True)
class FaceChoice:
    """Which faces are hidden: all, all but some, or some alone.

    A number is that of the face within a photo, as `clearface detect` counts them, and in a film that of its track.
    Raises UsageError where `keep` and `only` are both given, since one of the two is then without meaning.
    """

    keep: tuple[Pick, ...] = ()
    """These are not hidden."""

    only: tuple[Pick, ...] = ()
    """None but these are hidden; without any, all are."""

    also: tuple[Box, ...] = ()
    """Rectangles that are hidden whatever the detector finds there; `keep` and `only` have no say in them."""

    def __post_init__(self) -> None:
        if self.keep and self.only:
            raise UsageError("name the faces to keep or the only ones to hide, not both")

    def chosen(self, number: int, face: Face, by_people: bool | None = None) -> bool:
        """Whether a face is hidden. by_people: whether it is by who it is (`PeopleChoice`); None where that was not asked."""
        if self.only:
            return bool(picks_of(self.only, number, face)) or by_people is True
        return by_people is not False and not picks_of(self.keep, number, face)

    def matched(self, number: int, face: Face) -> frozenset[Pick]:
        """The entries of `keep` and `only` that name a face: to be gathered over a photo or film, for `unmatched`."""
        return picks_of(self.keep + self.only, number, face)

    def unmatched(self, matched: Collection[Pick]) -> tuple[str, ...]:
        """A sentence for each entry that named no face, `matched` being those that did."""
        return tuple(
            f"{_spelled(pick)} named no face, so none is {fate} by it"
            for picks, fate in ((self.keep, "kept"), (self.only, "hidden"))
            for pick in picks
            if pick not in matched
        )

    @property
    def by_number(self) -> bool:
        """Whether any face is named by its number."""
        return any(isinstance(pick, int) for pick in self.keep + self.only)

    def told_faces(self) -> tuple[Face, ...]:
        """The faces that `also` stands for: upright, of score 1."""
        return tuple(upright_face(box) for box in self.also)


def picks_of(picks: tuple[Pick, ...], number: int, face: Face) -> frozenset[Pick]:
    """Those of the picks that name a face."""
    x, y = face.box.centre
    return frozenset(
        pick
        for pick in picks
        if (pick == number if isinstance(pick, int) else pick.left <= x < pick.right and pick.top <= y < pick.bottom)
    )


def parse_pick(text: str) -> Pick:
    """A number from 1 up, or a rectangle `left,top,right,bottom` in pixels. Raises UsageError for anything else."""
    stripped = text.strip()
    if re.fullmatch(r"[0-9]{1,9}", stripped, re.ASCII) and int(stripped) > 0:
        return int(stripped)
    if "," in stripped:
        return parse_rectangle(text)
    raise UsageError(f'"{text}" names no face: give its number, from 1, or a rectangle left,top,right,bottom in pixels')


def parse_rectangle(text: str) -> Box:
    """A rectangle `left,top,right,bottom` in pixels. Raises UsageError for anything else."""
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f'"{text}" is no rectangle: give left,top,right,bottom in pixels') from None
    sides = (left, top, right, bottom)
    if not all(isfinite(side) and abs(side) <= _FARTHEST for side in sides):
        raise UsageError(f'"{text}" is no rectangle: its sides lie within {_FARTHEST:,.0f} pixels')
    if right <= left or bottom <= top:
        raise UsageError(
            f'"{text}" is an empty rectangle: right must lie beyond left, and bottom below top (left,top,right,bottom)'
        )
    return Box(left, top, right, bottom)


def _spelled(pick: Pick) -> str:
    if isinstance(pick, int):
        return f"number {pick}"
    return "rectangle " + ",".join(f"{side:g}" for side in (pick.left, pick.top, pick.right, pick.bottom))
