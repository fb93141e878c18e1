"""Deconvolution with a blur that is told, or estimated face by face."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clearface import point_spread
from clearface.arrays import ByteImage, FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.point_spread_geometry import tidied
from clearface.restorers.base import NetworkUse, Restorer, Tells
from clearface.restorers.blur_source import EstimatedBlur
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.restorers.richardson_lucy import RichardsonLucy, RichardsonLucyOptions
from clearface.restorers.wiener import UnsupervisedWiener, Wiener

KERNELS = (point_spread.motion(9, 30), point_spread.box(3))


class Alternating:
    """Tells one kernel of every other face, and another of the rest."""

    def estimate(self, faces: FloatArray) -> list[BlurEstimate]:
        return [BlurEstimate(KERNELS[index % 2], 0.5) for index in range(len(faces))]

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        return ()


@pytest.fixture(scope="module")
def faces(astronaut: ByteImage) -> FloatArray:
    squares = [astronaut[80:120, 200:240], astronaut[100:140, 200:240], astronaut[80:120, 210:250]]
    return np.stack(squares).astype(np.float32) / np.float32(255)


@pytest.mark.parametrize(
    ("estimated", "told"),
    [
        (
            RichardsonLucy(RichardsonLucyOptions(iterations=3), EstimatedBlur(Alternating())),
            [RichardsonLucy(RichardsonLucyOptions(tidied(kernel), iterations=3)) for kernel in KERNELS],
        ),
        (Wiener(blur=EstimatedBlur(Alternating())), [Wiener(tidied(kernel)) for kernel in KERNELS]),
        (
            UnsupervisedWiener(blur=EstimatedBlur(Alternating())),
            [UnsupervisedWiener(tidied(kernel)) for kernel in KERNELS],
        ),
    ],
    ids=lambda restorer: getattr(restorer, "name", "told"),
)
def test_each_face_is_deconvolved_with_its_own_kernel(
    faces: FloatArray, estimated: Restorer, told: list[Restorer]
) -> None:
    assert estimated.tells == Tells(kernel=True)
    answer = estimated.restore(faces)
    for index, face in enumerate(faces):
        np.testing.assert_array_equal(answer.faces[index], told[index % 2].restore(face[None]).faces[0])
        assert answer.estimates is not None
        np.testing.assert_array_equal(answer.estimates[index].kernel, tidied(KERNELS[index % 2]))
        assert answer.estimates[index].certainty == 0.5


def test_a_told_kernel_is_handed_on(faces: FloatArray) -> None:
    options = RichardsonLucyOptions(KERNELS[0], iterations=2, linear_light=True)
    answer = RichardsonLucy(options).restore(faces)
    assert answer.estimates is not None
    assert len(answer.estimates) == len(faces)
    for estimate in answer.estimates:
        assert estimate.linear_light
        assert estimate.certainty == 1
        np.testing.assert_array_equal(estimate.kernel, KERNELS[0])


@pytest.mark.parametrize("name", ["richardson-lucy", "wiener", "unsupervised-wiener"])
def test_estimated_is_a_point_spread_function_to_ask_for(
    name: str, smfd_saying: Callable[..., Path], shipped_smfd: Callable[[Path], None], faces: FloatArray
) -> None:
    shipped_smfd(smfd_saying(kernel=np.pad(point_spread.motion(21, 0), 8), certainty=0.7))
    answer = build_restorer(name, RestorerOptions(point_spread_function="Estimated")).restore(faces)
    assert answer.estimates is not None
    assert answer.estimates[0].certainty == pytest.approx(0.7)
    kernel = answer.estimates[0].kernel
    # 21 pixels of a face of 128 are 6.6 of one of 40.
    columns = np.arange(kernel.shape[1]) - kernel.shape[1] // 2
    assert np.sqrt(kernel.sum(0) @ columns**2) == pytest.approx(20 * 40 / 128 / np.sqrt(12), rel=0.1)
