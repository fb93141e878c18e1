"""Hiding on canvases: what is written and what is not, whatever lies where."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from clearface.arrays import Pixels
from clearface.errors import UsageError
from clearface.faces import FFHQ_TEMPLATE, Box, Face
from clearface.films.array_canvas import ArrayCanvas
from clearface.hiders.shapes import Shape, place_shape
from clearface.hiding import FaceHider, HideStyle
from clearface.squares import Region

HEIGHT, WIDTH = 120, 160


def made_face(x: float = 80, y: float = 60, size: float = 40) -> Face:
    landmarks = (FFHQ_TEMPLATE - [256, 290]) * (1.61 * size / 512) + [x, y]
    return Face(Box(x - 0.433 * size, y - 0.577 * size, x + 0.433 * size, y + 0.577 * size), 0.9, landmarks)


def speckle(dtype: type = np.uint8, seed: int = 0, height: int = HEIGHT, width: int = WIDTH) -> Pixels:
    top = np.iinfo(dtype).max
    made = np.random.default_rng(seed).integers(0, top, (height, width, 3), np.int64, endpoint=True)
    return np.asarray(made, dtype)


def hidden(pixels: Pixels, faces: list[tuple[int, Face]], style: HideStyle | None = None, seed: int = 1) -> Pixels:
    copy = pixels.copy()
    FaceHider(style or HideStyle(), seed).hide(ArrayCanvas(copy), faces)
    return copy


def mask_of(face: Face, style: HideStyle, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    placed = place_shape(Shape(style.shape), face, style.scale, style.feather)
    mask = np.zeros((height, width), np.float32)
    region = placed.region(width, height)
    if not region.empty:
        mask[region.slices] = placed.mask(region)
    return mask


@given(
    st.floats(-60, WIDTH + 60),
    st.floats(-60, HEIGHT + 60),
    st.one_of(st.floats(1, 12), st.floats(12, 400)),
    st.sampled_from(list(Shape)),
    st.sampled_from(["blur", "mosaic", "solid"]),
    st.sampled_from([0.0, 0.1, 0.6]),
    st.sampled_from([np.uint8, np.uint16]),
)
def test_outside_the_mask_no_pixel_changes_and_inside_none_shows(
    x: float, y: float, size: float, shape: Shape, mode: str, feather: float, dtype: type
) -> None:
    """At the edge of the frame, partly and wholly outside, tiny and larger than the frame."""
    face, style = made_face(x, y, size), HideStyle(mode, shape, feather=feather)
    before = speckle(dtype)
    after = hidden(before, [(3, face)], style)
    mask = mask_of(face, style)
    assert after.dtype == before.dtype
    np.testing.assert_array_equal(after[mask == 0], before[mask == 0])
    if mode == "solid":
        assert (after[mask == 1] == 0).all()
    elif (mask == 1).sum() > 300:
        # Speckle has differences of a third of the range between neighbours; what is hidden has few, at the edges of cells.
        both = (mask[:, 1:] == 1) & (mask[:, :-1] == 1)
        steps = np.abs(np.diff(after.astype(float), axis=1))[both] / np.iinfo(dtype).max
        assert np.median(steps) < 0.03


@pytest.mark.parametrize("mode", ["blur", "mosaic"])
def test_eight_and_sixteen_bits_agree(mode: str) -> None:
    pixels = speckle()
    narrow = hidden(pixels, [(1, made_face())], HideStyle(mode))
    wide = hidden(pixels.astype(np.uint16) * np.uint16(257), [(1, made_face())], HideStyle(mode))
    assert np.abs(wide / 257 - narrow).max() <= 1.01


def test_the_rim_fades_from_hidden_to_the_frame() -> None:
    style = HideStyle("solid", feather=0.5, colour="white")
    before = np.full((HEIGHT, WIDTH, 3), 50, np.uint8)
    mask = mask_of(made_face(), style)
    expected = mask * 255 + (1 - mask) * 50
    assert ((mask > 0.1) & (mask < 0.9)).sum() > 0
    assert np.abs(hidden(before, [(1, made_face())], style)[..., 0] - expected).max() <= 1


def test_keys_and_seeds_make_the_noise() -> None:
    pixels = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    first = hidden(pixels, [(1, made_face())], seed=2**127 + 1)
    np.testing.assert_array_equal(first, hidden(pixels, [(1, made_face())], seed=2**127 + 1))
    assert (first != hidden(pixels, [(2, made_face())], seed=2**127 + 1)).any()
    assert (first != hidden(pixels, [(1, made_face())], seed=2**127 + 2)).any()


@pytest.mark.parametrize("mode", ["blur", "mosaic"])
def test_noise_moves_with_the_face(mode: str) -> None:
    """A track does not flicker: on even ground the same result, shifted by as many pixels."""
    pixels = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    first = hidden(pixels, [(4, made_face(60, 50))], HideStyle(mode))
    second = hidden(pixels, [(4, made_face(83, 61))], HideStyle(mode))
    np.testing.assert_array_equal(first[10:90, 20:100], second[21:101, 43:123])


@pytest.mark.parametrize("mode", ["blur", "mosaic", "solid"])
def test_faces_that_overlap_are_both_hidden_in_any_order(mode: str) -> None:
    style = HideStyle(mode, feather=0.4)
    faces = [(1, made_face(65, 60)), (2, made_face(80, 60)), (3, made_face(90, 70, 60))]
    before = speckle()
    forth, back = hidden(before, faces, style), hidden(before, faces[::-1], style)
    assert np.abs(forth.astype(int) - back).max() <= 1
    # Wherever one mask is 1, nothing of the frame is left: another frame of the same means gives the same there.
    ones = np.max([mask_of(face, style) for _, face in faces], 0) == 1
    steps = np.abs(np.diff(forth.astype(float), axis=1))[ones[:, 1:] & ones[:, :-1]]
    assert np.median(steps) < 8
    if mode == "solid":
        assert (forth[ones] == 0).all()
    nowhere = np.max([mask_of(face, style) for _, face in faces], 0) == 0
    np.testing.assert_array_equal(forth[nowhere], before[nowhere])


def test_where_masks_overlap_the_frame_shows_no_more_than_through_both() -> None:
    style = HideStyle("solid", feather=1.0, colour="white")
    faces = [(1, made_face(60, 60)), (2, made_face(110, 60))]
    after = hidden(np.zeros((HEIGHT, WIDTH, 3), np.uint8), faces, style)
    through = np.prod([1 - mask_of(face, style) for _, face in faces], 0)
    assert np.abs(after[..., 0] - 255 * (1 - through)).max() <= 1


def test_none_writes_nothing() -> None:
    hider = FaceHider(HideStyle("none"), 0)
    assert not hider.hides
    pixels = speckle()
    pixels.setflags(write=False)
    hider.hide(ArrayCanvas(pixels), [(1, made_face())])


def test_no_faces_and_faces_elsewhere_change_nothing() -> None:
    pixels = speckle()
    np.testing.assert_array_equal(hidden(pixels, []), pixels)
    np.testing.assert_array_equal(hidden(pixels, [(1, made_face(-500, 40))]), pixels)


def test_a_face_of_the_whole_frame_hides_all_of_it() -> None:
    after = hidden(speckle(), [(1, made_face(80, 60, 2000))], HideStyle("solid"))
    assert (after == 0).all()


class WritesOnce(ArrayCanvas):
    """Notes what is written."""

    def __init__(self, pixels: Pixels) -> None:
        super().__init__(pixels)
        self.reads = 0
        self.writes = 0

    def take(self, region: Region) -> Pixels:
        assert not self.writes, "taken after something was written"
        self.reads += 1
        return super().take(region)

    def put(self, region: Region, pixels: Pixels, where: np.ndarray) -> None:
        self.writes += 1
        super().put(region, pixels, where)


def test_all_faces_are_taken_before_any_is_written() -> None:
    canvas = WritesOnce(speckle())
    FaceHider(HideStyle(), 0).hide(canvas, [(1, made_face(60)), (2, made_face(75)), (3, made_face(140))])
    assert (canvas.reads, canvas.writes) == (3, 3)


def test_large_faces_are_hidden_as_small_ones(astronaut: np.ndarray) -> None:
    """A face four times as large, reduced again, looks the same: as unreadable."""
    face = made_face(225, 118, 105)
    large = np.repeat(np.repeat(astronaut[:300], 4, 0), 4, 1)
    face_in_large = Face(
        Box(*(4 * edge + 1.5 for edge in (face.box.left, face.box.top, face.box.right, face.box.bottom))),
        0.9,
        face.landmarks * 4 + 1.5,
    )
    small_result = hidden(astronaut[:300], [(1, face)]).astype(float)
    large_result = hidden(large, [(1, face_in_large)]).astype(float)
    reduced = large_result.reshape(300, 4, 512, 4, 3).mean((1, 3))
    assert np.abs(reduced - small_result).mean() < 0.5
    assert np.abs(reduced - small_result)[mask_of(face, HideStyle(), 300, 512) == 1].mean() < 4


@pytest.mark.parametrize(
    ("style", "sentence"),
    [
        ({"mode": "blurr"}, 'did you mean "blur"'),
        ({"shape": "elipse"}, 'did you mean "ellipse"'),
        ({"scale": 0.9}, "scale 0.9: it is a number from 1 to 4"),
        ({"scale": float("nan")}, "scale nan"),
        ({"feather": -0.1}, "feather -0.1: it is a number from 0 to 1"),
        ({"strength": -1.0}, "strength -1"),
        ({"strength": 0.1}, "0.5 or more"),
        ({"mode": "solid", "strength": 1.0}, "no strength"),
        ({"colour": "red"}, "no colour, which is for solid, picture"),
        ({"picture": Path("cat.png")}, "no picture, which is for picture"),
    ],
)
def test_a_style_that_cannot_be_is_refused(style: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        HideStyle(**style)  # type: ignore[arg-type]


def test_words_are_read_in_upper_and_lower_case(tmp_path: Path) -> None:
    path = tmp_path / "over.png"
    Image.new("RGB", (8, 8), "lime").save(path)
    style = HideStyle("Picture", "BOX", picture=path)
    after = hidden(speckle(), [(1, made_face())], style)
    np.testing.assert_array_equal(after[60, 80], [0, 255, 0])


def test_a_picture_without_a_file_is_refused_when_built() -> None:
    with pytest.raises(UsageError, match="needs one"):
        FaceHider(HideStyle("picture"), 0)
