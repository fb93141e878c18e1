"""How much a film flickers: the warping error of Lai et al. 2018, "Learning Blind Video Temporal Consistency" (ECCV)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from clearface.arrays import ByteImage, FloatArray


def warped_error(frame: FloatArray, following: FloatArray, flow: FloatArray, trusted: NDArray[np.bool_]) -> float:
    """How far a frame is from the next one carried back to it: 0 or more, lower is steadier, NaN where nothing is trusted.

        sum over trusted pixels and channels of (frame(x) - following(x + flow(x)))^2 / their number

    frame, following: RGB `(H, W, 3)` in [0, 1]; between pixels `following` is interpolated linearly. flow: `(H, W, 2)` in pixels,
    across then down, from `frame` to `following`. trusted: `(H, W)`, such as `trusted_flow` gives; pixels that flow out of the
    picture do not count whatever it says. The error of a film is the mean over its pairs of frames.
    """
    height, width = frame.shape[:2]
    columns, rows = _ends(flow)
    inside = (columns >= 0) & (columns <= width - 1) & (rows >= 0) & (rows <= height - 1) & trusted
    if not inside.any():
        return float("nan")
    carried = cv2.remap(following, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return float(np.mean((frame[inside].astype(np.float64) - np.asarray(carried, np.float64)[inside]) ** 2))


def trusted_flow(forward: FloatArray, backward: FloatArray) -> NDArray[np.bool_]:
    """Where the flow from one frame to the next holds, `(H, W)`: neither hidden in the next nor at the edge of what moves.

    forward, backward: `(H, W, 2)` in pixels, across then down. By Ruder, Dosovitskiy and Brox 2016, "Artistic Style Transfer for
    Videos", equations 5 and 6: with f the forward flow and b the backward flow where f leads to, a pixel is hidden where
    |f + b|^2 > 0.01 (|f|^2 + |b|^2) + 0.5, and at an edge of motion where the squared gradients of f exceed 0.01 |f|^2 + 0.002.
    """
    columns, rows = _ends(forward)
    back = np.asarray(cv2.remap(backward, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
    there, again = (np.sum(flow * flow, 2) for flow in (forward, back))
    hidden = np.sum((forward + back) ** 2, 2) > 0.01 * (there + again) + 0.5
    slopes = [np.gradient(forward[..., part], axis=axis) for part in (0, 1) for axis in (0, 1)]
    edge = np.sum([slope * slope for slope in slopes], 0) > 0.01 * there + 0.002
    return np.asarray(~(hidden | edge), np.bool_)


def flow_between(frame: ByteImage, following: ByteImage) -> FloatArray:
    """Dense inverse search (Kroeger et al. 2016) from one RGB frame `(H, W, 3)` to the next: `(H, W, 2)` in pixels."""
    searching = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (frame, following)]
    start = np.zeros((*frame.shape[:2], 2), np.float32)
    return np.asarray(searching.calc(grey[0], grey[1], start), np.float32)


def _ends(flow: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Column and row each pixel flows to."""
    height, width = flow.shape[:2]
    columns = np.arange(width, dtype=np.float32) + flow[..., 0]
    rows = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    return np.asarray(columns, np.float32), np.asarray(rows, np.float32)
