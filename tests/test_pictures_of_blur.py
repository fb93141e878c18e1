import numpy as np
import pytest

from clearface import point_spread
from clearface.arrays import ByteImage, FloatArray
from clearface.faces import FFHQ_TEMPLATE, Box, Face
from clearface.pictures_of_blur import confidence_overlay, kernel_picture
from clearface.pipeline import RestoredFace, RestoredFrame, Timings
from clearface.squares import template_square


@pytest.mark.parametrize(
    "kernel", [point_spread.motion(17, 30), point_spread.box(3), np.ones((1, 1)), point_spread.box(301)]
)
def test_a_kernel_lies_bright_on_black_over_its_scale(kernel: np.ndarray) -> None:
    picture = kernel_picture(kernel)
    assert picture.dtype == np.uint8
    assert min(picture.shape[:2]) > 200
    assert picture.max() == 255
    assert not picture[0].any()
    assert picture[-30:].any()


def test_a_kernel_points_the_way_it_does_in_the_photo() -> None:
    picture = kernel_picture(point_spread.motion(31, 30))[:-40, :, 0].astype(float)
    rows, columns = np.nonzero(picture > 100)
    slope = np.polyfit(columns, -rows, 1)[0]
    assert np.degrees(np.arctan(slope)) == pytest.approx(30, abs=3)


def restored_face(x: float, confidence: FloatArray | None) -> RestoredFace:
    landmarks = (FFHQ_TEMPLATE - 255.5) * 128 / 512 + [x, 80]
    face = Face(Box(x - 40, 40, x + 40, 120), 0.9, landmarks)
    taken = np.full((96, 96, 3), 0.5, np.float32)
    return RestoredFace(face, template_square(face, 96), taken, taken, confidence)


def overlay(picture: ByteImage, *faces: RestoredFace) -> ByteImage:
    return confidence_overlay(RestoredFrame(picture, faces, Timings()))


def test_guessed_parts_are_warm_and_known_ones_cold() -> None:
    confidence = np.full((96, 96), 0.95, np.float32)
    confidence[:, :48] = 0.1
    grey = np.full((160, 400, 3), 128, np.uint8)
    drawn = overlay(grey, restored_face(100, confidence), restored_face(300, None)).astype(int)
    assert drawn.shape[0] > 160
    guessed, known = drawn[80, 80], drawn[80, 120]
    assert guessed[0] > guessed[2] + 40
    assert known[2] > known[0] + 40
    np.testing.assert_array_equal(drawn[:160, 200:], 128)  # a face that tells nothing stays grey
    bar = drawn[160:]
    assert (bar[..., 0] > bar[..., 2] + 40).any()
    assert (bar[..., 2] > bar[..., 0] + 40).any()


def test_where_faces_overlap_the_less_certain_one_shows() -> None:
    grey = np.full((160, 300, 3), 128, np.uint8)
    sure, guessed = (restored_face(x, np.full((96, 96), value, np.float32)) for x, value in ((120, 0.95), (150, 0.1)))
    np.testing.assert_array_equal(overlay(grey, sure, guessed), overlay(grey, guessed, sure))
    middle = overlay(grey, sure, guessed)[80, 135].astype(int)
    assert middle[0] > middle[2] + 40


@pytest.mark.parametrize("shape", [(5, 5, 3), (40, 700, 3), (2000, 100, 3)])
def test_a_photo_of_any_proportions_gets_a_legend_that_can_be_read(shape: tuple[int, ...]) -> None:
    drawn = overlay(np.full(shape, 128, np.uint8))
    assert drawn.shape[1] >= 300
    assert drawn.shape[0] >= shape[0] + 60
