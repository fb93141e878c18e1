"""Hidden faces stay hidden: what is not told cannot be brought back."""

import cv2
import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray
from clearface.detectors.registry import build_detector
from clearface.embedders.base import Embedder
from clearface.embedders.registry import build_embedder
from clearface.faces import Face
from clearface.films.array_canvas import ArrayCanvas
from clearface.hiders.blur import BLUR_CELLS
from clearface.hiders.cells import lay_cells
from clearface.hiders.mosaic import MOSAIC_CELLS
from clearface.hiders.shapes import Shape, place_shape
from clearface.hiding import FaceHider, HideStyle
from clearface.pipeline import Pipeline
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.squares import Region, take_square, template_square

CELLS = {"blur": BLUR_CELLS, "mosaic": MOSAIC_CELLS}
RESTORERS = {
    "identity": RestorerOptions(),
    "smfd": RestorerOptions(restore_anyway=True),
    "richardson-lucy": RestorerOptions(point_spread_function="gaussian:10"),
    "wiener": RestorerOptions(point_spread_function="gaussian:10"),
    "unsupervised-wiener": RestorerOptions(point_spread_function="gaussian:10"),
}
SAME_PERSON = 0.43
"""dlib counts two faces as one person's at distances below 0.6; its vectors are about 1.4 long, ours 1."""


@pytest.fixture(scope="module")
def picture(astronaut: ByteImage) -> ByteImage:
    """Half as large, so that restorers are done in no time; the face is 52 pixels."""
    return np.asarray(cv2.resize(astronaut, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture(scope="module")
def face(picture: ByteImage) -> Face:
    return build_detector("centerface").detect(picture)[0]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return build_embedder("dlib")


@pytest.fixture(scope="module")
def inside(face: Face) -> np.ndarray:
    return np.asarray(place_shape(Shape.ELLIPSE, face, 1.3, 0.1).mask(Region(0, 0, 256, 256)) == 1)


def hidden_by(mode: str, picture: ByteImage, face: Face, seed: int, **style: float) -> ByteImage:
    pixels = picture.copy()
    FaceHider(HideStyle(mode, **style), seed).hide(ArrayCanvas(pixels), [(1, face)])  # type: ignore[arg-type]
    return pixels


@pytest.mark.parametrize("mode", ["blur", "mosaic", "solid"])
@pytest.mark.parametrize("feather", [0.0, 0.1])
def test_crops_of_the_same_cells_are_hidden_alike(
    mode: str, feather: float, picture: ByteImage, face: Face, inside: np.ndarray
) -> None:
    """Pixels shuffled within their cells change nothing, to the last bit; that they would show unhidden is plain."""
    style = HideStyle(mode, feather=feather)
    placed = place_shape(Shape.ELLIPSE, face, style.scale, feather)
    region = placed.region(256, 256)
    local = np.array([region.left, region.top])
    in_region = Face(
        type(face.box)(
            face.box.left - local[0], face.box.top - local[1], face.box.right - local[0], face.box.bottom - local[1]
        ),
        face.score,
        face.landmarks - local,
    )
    shuffled = picture.copy()
    crop = shuffled[region.slices]
    cells = lay_cells(in_region, CELLS.get(mode, BLUR_CELLS).across, *crop.shape[:2])
    generator = np.random.default_rng(0)
    for top, bottom in zip(cells.top[:-1], cells.top[1:], strict=True):
        for left, right in zip(cells.left[:-1], cells.left[1:], strict=True):
            cell = crop[top:bottom, left:right]
            crop[top:bottom, left:right] = generator.permutation(cell.reshape(-1, 3)).reshape(cell.shape)
    assert np.abs(shuffled.astype(int) - picture)[inside].mean() > 10
    first, second = (hidden_by(mode, each, face, 7, feather=feather) for each in (picture, shuffled))
    np.testing.assert_array_equal(first[inside], second[inside])


def test_changes_below_a_level_do_not_pass(picture: ByteImage, face: Face, inside: np.ndarray) -> None:
    """A face made brighter by one level of 255 gives one of few results, not another for every brightness."""
    results = set()
    for brighter in range(8):
        lighter = np.clip(picture.astype(int) + brighter, 0, 255).astype(np.uint8)
        results.add(hidden_by("mosaic", lighter, face, 3)[inside].tobytes())
    assert len(results) < 8


@pytest.mark.parametrize(
    ("mode", "name"),
    [*(("blur", name) for name in RESTORERS), ("mosaic", "smfd"), ("mosaic", "richardson-lucy"), ("solid", "smfd")],
)
def test_no_restorer_brings_a_face_back(
    mode: str, name: str, picture: ByteImage, face: Face, inside: np.ndarray, embedder: Embedder
) -> None:
    """Neither nearer to the original, nor any of its detail, nor the person."""
    pipeline = Pipeline(build_detector("centerface"), build_restorer(name, RESTORERS[name]))
    hidden = hidden_by(mode, picture, face, 1)
    restored = np.asarray(pipeline.restore(hidden, [face]).pixels, np.uint8)
    assert psnr(restored, picture, inside) < psnr(hidden, picture, inside) + 2.5
    assert psnr(restored, picture, inside) < 16
    inner = cv2.erode(inside.astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    assert abs(shared_detail(restored, picture, inner)) < 0.2
    first, second = embedder.embed(np.stack([square(each, face) for each in (picture, restored)]))
    assert np.linalg.norm(first - second) > SAME_PERSON


def test_a_blur_alone_would_be_undone(picture: ByteImage, face: Face, inside: np.ndarray, embedder: Embedder) -> None:
    """What the tests above would say of a plain Gaussian blur: they can fail."""
    blurred = np.asarray(cv2.GaussianBlur(picture, (0, 0), 2), np.uint8)
    pipeline = Pipeline(
        build_detector("centerface"),
        build_restorer("wiener", RestorerOptions(point_spread_function="gaussian:2", balance=1e-4)),
    )
    restored = np.asarray(pipeline.restore(blurred, [face]).pixels, np.uint8)
    inner = cv2.erode(inside.astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    assert shared_detail(restored, picture, inner) > 0.5
    first, second = embedder.embed(np.stack([square(each, face) for each in (picture, restored)]))
    assert np.linalg.norm(first - second) < SAME_PERSON


@pytest.mark.parametrize("mode", ["blur", "mosaic"])
def test_the_mean_of_a_film_tells_no_more(
    mode: str, picture: ByteImage, face: Face, inside: np.ndarray, embedder: Embedder
) -> None:
    """Thirty frames in which the face moves by parts of a pixel, laid over one another again."""
    hider = FaceHider(HideStyle(mode), 11)
    generator = np.random.default_rng(0)
    total = np.zeros(picture.shape)
    for x, y in generator.uniform(-1, 1, (30, 2)):
        frame = shifted(picture, x, y)
        box = type(face.box)(face.box.left + x, face.box.top + y, face.box.right + x, face.box.bottom + y)
        hider.hide(ArrayCanvas(frame), [(1, Face(box, face.score, face.landmarks + np.array([x, y])))])
        total += shifted(frame, -x, -y)
    mean = np.rint(total / 30).astype(np.uint8)
    inner = cv2.erode(inside.astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    assert abs(shared_detail(mean, picture, inner)) < 0.2
    first, second = embedder.embed(np.stack([square(each, face) for each in (picture, mean)]))
    assert np.linalg.norm(first - second) > SAME_PERSON


def square(picture: ByteImage, face: Face) -> FloatArray:
    return take_square(picture, template_square(face, 160))


def psnr(picture: np.ndarray, reference: np.ndarray, where: np.ndarray) -> float:
    error = (picture[where].astype(float) - reference[where]) ** 2
    return float(10 * np.log10(255**2 / error.mean()))


def shared_detail(picture: np.ndarray, reference: np.ndarray, where: np.ndarray) -> float:
    """Correlation of what a Gaussian of 2 pixels takes away; 0 where there is none."""
    details = [_detail(each)[where] for each in (picture, reference)]
    if min(detail.std() for detail in details) < 1e-3:
        return 0.0
    return float(np.corrcoef(details[0], details[1])[0, 1])


def _detail(picture: np.ndarray) -> np.ndarray:
    grey = picture.astype(np.float32).mean(2)
    return np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), 2))


def shifted(pixels: ByteImage, x: float, y: float) -> ByteImage:
    moved = cv2.warpAffine(
        pixels,
        np.array([[1, 0, x], [0, 1, y]], np.float64),
        (pixels.shape[1], pixels.shape[0]),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(moved, np.uint8)
