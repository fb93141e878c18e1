"""Regions of decoded frames as RGB and back, against FFmpeg's scaler."""

from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from clearface.arrays import ByteImage
from clearface.films.canvases import PlaneCanvas, TurnedCanvas, canvas_of
from clearface.films.colours import colour_model
from clearface.films.orientation import UPRIGHT, Orientation, orientation_of
from clearface.films.scaling import Scaler
from clearface.squares import Region

SWSCALE = {1: 1, 6: 5, 7: 7, 9: 9}
"""FFmpeg's scaler has numbers of its own for the matrices of ITU-T H.273."""

SUBSAMPLED = [
    "yuv420p",
    "yuv422p",
    "yuv440p",
    "yuvj420p",
    "yuv420p10le",
    "yuv422p12le",
    "yuva420p",
    "nv12",
    "p010le",
    "yuyv422",
]
FULL = [
    "yuv444p",
    "yuvj444p",
    "yuv444p10le",
    "yuv444p16le",
    "yuva444p",
    "gray",
    "gray10le",
    "rgb24",
    "gbrp",
    "gbrp10le",
    "bgra",
]
ORIENTATIONS = [Orientation(*(bool(bits & each) for each in (1, 2, 4))) for bits in range(8)]
SCALER = Scaler()


def frame_of(picture: ByteImage, form: str, matrix: int = 1, levels: int = 1) -> VideoFrame:
    levels = 2 if form.startswith(("yuvj", "gray")) else levels
    frame = VideoFrame.from_ndarray(picture, format="rgb24").reformat(
        format=form, dst_colorspace=SWSCALE[matrix], dst_color_range=levels, threads=1
    )
    frame.colorspace, frame.color_range = matrix, levels
    return frame


def shown_by_ffmpeg(frame: VideoFrame, matrix: int) -> ByteImage:
    shown = frame.reformat(
        format="rgb24",
        src_colorspace=SWSCALE[matrix],
        src_color_range=frame.color_range,
        dst_color_range=2,
        interpolation="POINT",
    )
    return np.asarray(shown.to_ndarray(), np.uint8)


def as_bytes(pixels: np.ndarray) -> np.ndarray:
    return pixels if pixels.dtype == np.uint8 else np.rint(pixels / 257).astype(np.uint8)


@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize("matrix", SWSCALE)
@pytest.mark.parametrize("form", FULL + SUBSAMPLED)
def test_colours_are_those_ffmpeg_shows(form: str, matrix: int, levels: int, astronaut: ByteImage) -> None:
    frame = frame_of(np.ascontiguousarray(astronaut[40:141, 180:281]), form, matrix, levels)
    reference = shown_by_ffmpeg(frame, matrix)
    region = Region(3, 5, 90, 77)
    taken = as_bytes(canvas_of(frame, UPRIGHT, SCALER).take(region)).astype(int)
    difference = np.abs(taken - reference[region.slices])
    assert difference.max() <= 1 if form in FULL else difference.mean() < 1.6


@pytest.mark.parametrize("form", [form for form in FULL if form.startswith(("yuv", "gray"))])
def test_what_is_taken_and_put_back_stays(form: str, astronaut: ByteImage) -> None:
    canvas = canvas_of(frame_of(astronaut[:101, :151], form), UPRIGHT, SCALER)
    assert isinstance(canvas, PlaneCanvas)
    before = [np.frombuffer(bytes(plane), np.uint8 if "le" not in form else np.uint16) for plane in canvas.frame.planes]
    region = Region(0, 0, canvas.width, canvas.height)
    canvas.put(region, canvas.take(region), np.ones((canvas.height, canvas.width), np.bool_))
    after = [np.frombuffer(bytes(plane), np.uint8 if "le" not in form else np.uint16) for plane in canvas.frame.planes]
    most = 3 if "16" in form else 1
    assert max(np.abs(one.astype(int) - other).max() for one, other in zip(before, after, strict=True)) <= most


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("form", [*SUBSAMPLED, *FULL])
def test_only_what_is_put_is_written(form: str, orientation: Orientation, astronaut: ByteImage) -> None:
    original = frame_of(np.ascontiguousarray(astronaut[40:117, 180:265]), form)
    canvas = canvas_of(frame_of(np.ascontiguousarray(astronaut[40:117, 180:265]), form), orientation, SCALER)
    reference = canvas_of(original, UPRIGHT, SCALER).take(Region(0, 0, 85, 77))
    turned = orientation.shown(reference)
    assert (canvas.height, canvas.width) == turned.shape[:2]
    region = Region(11, 8, 40, 51)
    assert np.array_equal(canvas.take(region), turned[region.slices])
    where = np.zeros((43, 29), np.bool_)
    where[5:30, 7:20] = True
    colour = np.array([200, 30, 60]) * (257 if turned.dtype == np.uint16 else 1)
    canvas.put(region, np.broadcast_to(colour, (43, 29, 3)).astype(turned.dtype), where)
    now = canvas.take(Region(0, 0, canvas.width, canvas.height))
    expected = turned.copy()
    expected[region.slices][where] = colour
    inside = np.zeros(turned.shape[:2], np.bool_)
    inside[region.slices][where] = True
    scale = 257 if turned.dtype == np.uint16 else 1
    if not form.startswith("gray"):
        assert np.abs(now[inside].astype(int) - expected[inside]).max() <= 3 * scale
    around = np.zeros_like(inside)
    around[region.slices][3:32, 5:22] = True
    assert np.array_equal(now[~around], turned[~around]), "beyond shared chroma nothing changes"
    luma = [canvas_of(original, UPRIGHT, SCALER), canvas]
    if isinstance(luma[0], PlaneCanvas) and isinstance(luma[1], PlaneCanvas):
        planes = [
            np.frombuffer(bytes(each.frame.planes[0]), np.uint8) for each in luma if isinstance(each, PlaneCanvas)
        ]
        changed = (planes[0] != planes[1]).reshape(77, -1)
        item = 2 if canvas.colours.bits > 8 else 1  # type: ignore[union-attr]
        assert not (changed.reshape(77, -1, item).any(2)[:, :85] & ~orientation.stored(inside)).any()


def test_chroma_is_of_what_is_written_alone() -> None:
    """A hidden face must not shine through in the colour of its edge."""
    frame = frame_of(np.full((8, 8, 3), (255, 0, 0), np.uint8), "yuv420p")
    canvas = canvas_of(frame, UPRIGHT, SCALER)
    where = np.zeros((1, 1), np.bool_)
    where[0, 0] = True
    canvas.put(Region(3, 3, 4, 4), np.zeros((1, 1, 3), np.uint8), where)
    assert canvas.take(Region(3, 3, 4, 4)).max() <= 2


def test_alpha_is_left_alone(astronaut: ByteImage) -> None:
    frame = frame_of(astronaut[:32, :32], "yuva420p")
    alpha = bytes(frame.planes[3])
    canvas = canvas_of(frame, UPRIGHT, SCALER)
    canvas.put(Region(0, 0, 32, 32), np.zeros((32, 32, 3), np.uint8), np.ones((32, 32), np.bool_))
    assert isinstance(canvas, PlaneCanvas)
    assert bytes(canvas.frame.planes[3]) == alpha


def test_a_frame_somebody_else_holds_is_not_written() -> None:
    """The decoder may still need it to make the next frames of."""
    frame = frame_of(np.full((16, 16, 3), 90, np.uint8), "yuv420p")
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_buffer(width=16, height=16, format=frame.format, time_base=Fraction(1, 25)),
        graph.add("null"),
        graph.add("buffersink"),
    ).configure()
    graph.push(frame)
    other = graph.pull()
    assert isinstance(other, VideoFrame)
    before = bytes(frame.planes[0])
    canvas = canvas_of(other, UPRIGHT, SCALER)
    canvas.put(Region(0, 0, 16, 16), np.zeros((16, 16, 3), np.uint8), np.ones((16, 16), np.bool_))
    assert bytes(frame.planes[0]) == before
    assert canvas.take(Region(0, 0, 16, 16)).max() <= 1


def test_packed_rgb_is_worked_on_as_it_is(astronaut: ByteImage) -> None:
    canvas = canvas_of(frame_of(astronaut[:20, :30], "rgb24"), UPRIGHT, SCALER)
    assert isinstance(canvas, TurnedCanvas)
    assert np.array_equal(canvas.pixels, astronaut[:20, :30])


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_reduced(orientation: Orientation, astronaut: ByteImage) -> None:
    canvas = canvas_of(frame_of(np.ascontiguousarray(astronaut[:300, :400]), "yuv420p"), orientation, SCALER)
    small = canvas.reduced(canvas.width // 4, canvas.height // 4)
    blocks = (
        orientation.shown(astronaut[:300, :400]).reshape(canvas.height // 4, 4, canvas.width // 4, 4, 3).mean((1, 3))
    )
    assert small.shape == blocks.shape
    assert np.abs(small - blocks).mean() < 3


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from(ORIENTATIONS), st.data())
def test_regions_are_turned_as_pictures_are(
    width: int, height: int, orientation: Orientation, data: st.DataObject
) -> None:
    stored = np.arange(width * height).reshape(height, width)
    shown = orientation.shown(stored)
    assert np.array_equal(orientation.stored(shown), stored)
    left, top = data.draw(st.integers(0, shown.shape[1] - 1)), data.draw(st.integers(0, shown.shape[0] - 1))
    region = Region(
        left, top, data.draw(st.integers(left + 1, shown.shape[1])), data.draw(st.integers(top + 1, shown.shape[0]))
    )
    place = orientation.stored_region(region, shown.shape[1], shown.shape[0])
    assert np.array_equal(orientation.shown(stored[place.slices]), shown[region.slices])


def test_a_matrix_at_no_right_angle_turns_nothing() -> None:
    tilted = np.array([46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30], np.int32).tobytes()
    assert orientation_of(tilted) == UPRIGHT
    assert orientation_of(None) == UPRIGHT


@pytest.mark.parametrize(("size", "matrix"), [((640, 480), 6), ((1280, 720), 1), ((720, 1280), 1), ((3840, 2160), 1)])
def test_untagged_films(size: tuple[int, int], matrix: int) -> None:
    assert colour_model(2, False, 8, size).matrix == matrix
