"""SSIM over several scales."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.image import (
    multiscale_structural_similarity_index_measure,
    structural_similarity_index_measure,
)

from clearface.arrays import FloatArray
from clearface.evaluate.metrics.ms_ssim import SCALE_WEIGHTS, ms_ssim, scale_count
from clearface.evaluate.metrics.psnr_ssim import ssim


def by_torchmetrics(sharp: FloatArray, picture: FloatArray, weights: tuple[float, ...]) -> float:
    """The mean of torchmetrics' values of each channel as a grey picture.

    At the coarsest scale it counts a rim of mirrored pixels too; that factor is replaced by the one without the rim.
    """
    first, second = (torch.from_numpy(each.astype(np.float64)).permute(2, 0, 1)[:, None] for each in (sharp, picture))
    values = multiscale_structural_similarity_index_measure(
        second, first, data_range=1.0, betas=weights, normalize="relu", reduction="none"
    )
    for _ in weights[1:]:
        first, second = (torch.nn.functional.avg_pool2d(each, 2) for each in (first, second))
    with_rim, whole = structural_similarity_index_measure(
        second, first, data_range=1.0, reduction="none", return_full_image=True
    )
    without_rim = whole[..., 5:-5, 5:-5].mean((1, 2, 3))
    return float((values * (without_rim / with_rim) ** weights[-1]).mean())


def test_with_five_scales_it_is_that_of_torchmetrics(sharp: FloatArray, spoiled: FloatArray) -> None:
    assert scale_count(*sharp.shape[:2]) == 5
    assert ms_ssim(sharp, spoiled) == pytest.approx(by_torchmetrics(sharp, spoiled, SCALE_WEIGHTS), abs=1e-6)


def test_with_fewer_scales_weights_sum_to_one(sharp: FloatArray, spoiled: FloatArray) -> None:
    first, second = sharp[32:160, 32:160], spoiled[32:160, 32:160]
    assert scale_count(128, 128) == 4
    weights = tuple(weight / sum(SCALE_WEIGHTS[:4]) for weight in SCALE_WEIGHTS[:4])
    assert ms_ssim(first, second) == pytest.approx(by_torchmetrics(first, second, weights), abs=1e-6)


@pytest.mark.parametrize(
    ("side", "scales"), [(10, 0), (11, 1), (21, 1), (22, 2), (87, 3), (88, 4), (175, 4), (176, 5), (2000, 5)]
)
def test_how_many_scales_fit(side: int, scales: int) -> None:
    assert scale_count(side, side + 5) == scale_count(side + 5, side) == scales


def test_of_one_scale_it_is_ssim(sharp: FloatArray, spoiled: FloatArray) -> None:
    first, second = sharp[80:101, 80:101], spoiled[80:101, 80:101]
    assert ms_ssim(first, second) == pytest.approx(ssim(first, second), abs=1e-5)


def test_below_the_window_there_is_no_value() -> None:
    tiny = np.zeros((10, 64, 3), np.float32)
    assert np.isnan(ms_ssim(tiny, tiny))
    assert np.isnan(ssim(tiny, tiny))


def test_an_inverted_picture_has_nothing_in_common(sharp: FloatArray) -> None:
    assert ms_ssim(sharp, 1 - sharp) == 0


def test_an_odd_last_row_and_column_is_left_out_of_the_coarser_scales(sharp: FloatArray, spoiled: FloatArray) -> None:
    first, second = sharp[:191, :189], spoiled[:191, :189]
    assert ms_ssim(first, second) == pytest.approx(by_torchmetrics(first, second, SCALE_WEIGHTS), abs=1e-6)
