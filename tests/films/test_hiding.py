"""Hiding as a step of a film."""

import numpy as np

from clearface.arrays import ByteImage
from clearface.faces import FFHQ_TEMPLATE, Box, Face
from clearface.films.array_canvas import ArrayCanvas
from clearface.films.base import FilmFrame
from clearface.films.hiding import FilmHiding
from clearface.films.transform import FilmTransform
from clearface.hiding import FaceHider, HideStyle
from clearface.tracking.base import TrackedFace, TrackedFrame


def tracked(track: int, x: float) -> TrackedFace:
    face = Face(Box(x - 17, 37, x + 17, 83), 0.9, (FFHQ_TEMPLATE - [256, 290]) * 0.125 + [x, 60])
    return TrackedFace(track, face)


def frame(number: int) -> tuple[FilmFrame, ByteImage]:
    pixels = np.full((120, 300, 3), 100, np.uint8)
    return FilmFrame(number, number / 25, number, ArrayCanvas(pixels)), pixels


def test_chosen_faces_are_hidden_and_told() -> None:
    transform: FilmTransform = FilmHiding(FaceHider(HideStyle("solid"), 0), lambda _, face: face.track != 2)
    assert transform.together == 1
    first, pixels = frame(1)
    faces = (tracked(1, 60), tracked(2, 150), tracked(3, 240))
    (outcomes,) = transform.apply([(first, TrackedFrame(1, 0.0, faces))])
    assert [(outcome.tracked.track, outcome.changed) for outcome in outcomes] == [(1, True), (2, False), (3, True)]
    assert [int(pixels[60, x, 0]) for x in (60, 150, 240)] == [0, 100, 0]


def test_faces_without_a_number_of_their_own_are_told_apart() -> None:
    faces = (tracked(0, 60), tracked(0, 240))
    transform = FilmHiding(FaceHider(HideStyle("solid"), 0), lambda _, face: face is faces[1])
    picture, pixels = frame(1)
    (outcomes,) = transform.apply([(picture, TrackedFrame(1, 0.0, faces))])
    assert [outcome.changed for outcome in outcomes] == [False, True]
    assert [int(pixels[60, x, 0]) for x in (60, 240)] == [100, 0]


def test_a_track_keeps_its_noise_from_frame_to_frame() -> None:
    transform = FilmHiding(FaceHider(HideStyle(), 5), lambda _, __: True)
    results = []
    for number, faces in ((1, (tracked(7, 60),)), (2, (tracked(3, 200), tracked(7, 60)))):
        picture, pixels = frame(number)
        transform.apply([(picture, TrackedFrame(number, 0.0, faces))])
        results.append(pixels[:, :120])
    np.testing.assert_array_equal(results[0], results[1])


def test_hiding_by_none_changes_nothing() -> None:
    picture, pixels = frame(1)
    transform = FilmHiding(FaceHider(HideStyle("none"), 0), lambda _, __: True)
    (outcomes,) = transform.apply([(picture, TrackedFrame(1, 0.0, (tracked(1, 60),)))])
    assert [outcome.changed for outcome in outcomes] == [False]
    assert (pixels == 100).all()


def test_several_frames_at_once_are_answered_each() -> None:
    transform = FilmHiding(FaceHider(HideStyle("solid"), 0), lambda _, __: True)
    pairs = [frame(number) for number in (1, 2)]
    outcomes = transform.apply(
        [(pairs[0][0], TrackedFrame(1, 0.0, (tracked(1, 60),))), (pairs[1][0], TrackedFrame(2, 0.0, ()))]
    )
    assert [len(each) for each in outcomes] == [1, 0]
    assert pairs[0][1].min() == 0
    assert pairs[1][1].min() == 100
