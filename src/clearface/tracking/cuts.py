"""Where one scene of a film ends and the next begins."""

from fractions import Fraction

import av
import av.filter
import cv2
import numpy as np

from clearface.arrays import AnyArray, ByteImage

_LONG_SIDE = 160
_LEAST_SCORE = 8.0
"""Of FFmpeg's scdet, in percent. Its own default of 10 is meant for pictures whose contrast is left as it is."""

_CONTRAST = 50.0
"""Standard deviation given to every picture, so that a cut in the dark counts as much as one by day."""

_LARGEST_GAIN = 10.0
_SAME_PICTURE = 0.5
"""Correlation from which two frames show the same, brighter, darker or moved."""

_LARGEST_SHIFT = 0.12
"""By which part of its sides the picture may have moved."""

_TIME_BASE = Fraction(1, 1000)


class SceneCuts:
    """FFmpeg's scdet filter, frame by frame; a flash is no cut.

    scdet measures how much more the picture changes than it did one frame before. Where one of the two frames fits into the
    other all the same, a lamp went on or the camera was turned.
    """

    def __init__(self) -> None:
        self._graph: av.filter.Graph | None = None
        self._before: AnyArray | None = None
        self._frames = 0

    def is_cut(self, picture: ByteImage) -> bool:
        """Whether a frame, RGB uint8 `(H, W, 3)` at any size but the same for all, begins a new scene; the first does not."""
        scale = min(1.0, _LONG_SIDE / max(picture.shape[:2]))
        size = (max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale)))
        small = _even(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        before, self._before = self._before, grey
        score = self._score(np.ascontiguousarray(small))
        return before is not None and score >= _LEAST_SCORE and _correlation(before, grey) < _SAME_PICTURE

    def _score(self, small: AnyArray) -> float:
        frame = av.VideoFrame.from_ndarray(small, "rgb24")
        frame.pts = self._frames
        frame.time_base = _TIME_BASE
        self._frames += 1
        if self._graph is None:
            self._graph = _scene_graph(frame.width, frame.height)
        self._graph.push(frame)
        return float(self._graph.pull().metadata["lavfi.scd.score"])


def _scene_graph(width: int, height: int) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=width, height=height, format=av.VideoFormat("rgb24", width, height), time_base=_TIME_BASE
    )
    scenes, sink = graph.add("scdet"), graph.add("buffersink")
    source.link_to(scenes)
    scenes.link_to(sink)
    graph.configure()
    return graph


def _even(picture: AnyArray) -> AnyArray:
    """The same picture around middle grey, with the same contrast as every other."""
    deviation = float(picture.std())
    gain = min(_CONTRAST / max(deviation, 1e-6), _LARGEST_GAIN)
    return np.asarray(np.clip(128 + gain * (picture.astype(np.float32) - picture.mean()), 0, 255), np.uint8)


def _correlation(before: AnyArray, after: AnyArray) -> float:
    """The best of the middle of one grey picture with any part of another of the same size, in [-1, 1]; 0 where one is flat."""
    rows, columns = (round(_LARGEST_SHIFT * side) for side in before.shape)
    middle = before[rows : before.shape[0] - rows, columns : before.shape[1] - columns]
    if middle.std() < 1 or after.std() < 1:
        return 0.0
    return float(cv2.matchTemplate(after, middle, cv2.TM_CCOEFF_NORMED).max())
