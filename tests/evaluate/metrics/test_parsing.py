import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import multiclass_jaccard_index

from clearface.evaluate.metrics.parsing import mean_intersection_over_union
from clearface.masks import CLASS_COUNT, UNKNOWN


@pytest.mark.parametrize("seed", range(5))
def test_as_torchmetrics_over_the_classes_present(seed: int) -> None:
    generator = np.random.default_rng(seed)
    true = generator.integers(0, CLASS_COUNT - 2, (40, 30)).astype(np.uint8)
    found = np.where(generator.random(true.shape) < 0.6, true, generator.integers(0, CLASS_COUNT, true.shape))
    found = found.astype(np.uint8)
    by_class = multiclass_jaccard_index(
        torch.from_numpy(found.astype(int)), torch.from_numpy(true.astype(int)), CLASS_COUNT, average="none"
    )
    assert mean_intersection_over_union(true, found) == pytest.approx(
        float(by_class[np.unique(true).astype(int)].mean()), rel=1e-6
    )


def test_known_by_hand() -> None:
    true = np.array([[0, 0, 1, 1], [UNKNOWN, UNKNOWN, 1, 1]], np.uint8)
    found = np.array([[0, 1, 1, 1], [7, 0, 2, UNKNOWN]], np.uint8)
    # of class 0 one pixel of two, nothing added where the truth is known; of class 1 two of four, one added
    assert mean_intersection_over_union(true, found) == pytest.approx((1 / 2 + 2 / 5) / 2)


def test_the_same_parts_are_one_and_none_is_no_figure() -> None:
    parts = np.arange(CLASS_COUNT, dtype=np.uint8)[None]
    assert mean_intersection_over_union(parts, parts) == 1
    assert mean_intersection_over_union(parts, (parts + 1) % CLASS_COUNT) == 0
    assert np.isnan(mean_intersection_over_union(np.full_like(parts, UNKNOWN), parts))


def test_values_that_are_no_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="FaceClass values and UNKNOWN alone"):
        mean_intersection_over_union(np.full((2, 2), 40, np.uint8), np.zeros((2, 2), np.uint8))
