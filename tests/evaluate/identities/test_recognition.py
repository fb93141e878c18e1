import numpy as np
import pytest
from scipy.spatial.distance import cdist

from clearface.embedders.eigenfaces import fit_eigenfaces
from clearface.evaluate.identities.recognition import recognition_metric, recognition_rates, recognized
from clearface.evaluate.identities.splits import Split, draw_splits

PEOPLE = np.repeat(np.arange(8), 6)


def vectors(noise: float, seed: int = 0) -> np.ndarray:
    people = np.random.default_rng(11).normal(size=(8, 20))
    return people[PEOPLE] + noise * np.random.default_rng(seed).normal(size=(len(PEOPLE), 20))


@pytest.mark.parametrize("noise", [0.2, 1.5, 4.0])
def test_as_the_nearest_by_cosine_distance_of_scipy(noise: float) -> None:
    sharp, blurred, splits = vectors(0.5), vectors(noise, 1), draw_splits(PEOPLE, 3, 2, 4)
    expected = []
    for split in splits:
        nearest = cdist(blurred[split.probes], sharp[split.gallery], "cosine").argmin(1)
        expected.append((PEOPLE[split.gallery][nearest] == PEOPLE[split.probes]).mean())
    rate = recognition_rates(sharp, {"blurred": blurred}, PEOPLE, splits, 0)["blurred"]
    assert rate.mean == pytest.approx(np.mean(expected))
    assert rate.low <= rate.mean <= rate.high
    assert rate.count == 8


def test_photos_without_a_face_are_never_recognized() -> None:
    sharp, splits = vectors(0.0), draw_splits(PEOPLE, 3, 5, 2)
    lost = np.array([2, 2, 2])
    rates = recognition_rates(sharp, {"sharp": sharp}, PEOPLE, splits, 0, lost)
    assert rates["sharp"].mean == pytest.approx((7 + 1 / 4) / 8)
    assert recognition_rates(sharp, {"sharp": sharp}, PEOPLE, splits, 0)["sharp"].mean == 1


def test_the_space_is_fitted_to_each_gallery() -> None:
    sharp, blurred, splits = vectors(0.7), vectors(1.0, 2), draw_splits(PEOPLE, 1, 3, 3)
    rate = recognition_rates(sharp, {"blurred": blurred}, PEOPLE, splits, 0, fit=fit_eigenfaces)["blurred"]
    expected = []
    for split in splits:
        mean = sharp[split.gallery].mean(0)  # all directions are kept, so that only the mean matters
        nearest = cdist(blurred[split.probes] - mean, sharp[split.gallery] - mean, "cosine").argmin(1)
        expected.append((PEOPLE[split.gallery][nearest] == PEOPLE[split.probes]).mean())
    assert rate.mean == pytest.approx(np.mean(expected))


def test_methods_are_measured_by_the_same_splits_and_alone_as_together() -> None:
    sharp, splits = vectors(0.5), draw_splits(PEOPLE, 9, 2, 3)
    probes = {"one": vectors(1.0, 1), "other": vectors(3.0, 2)}
    together = recognition_rates(sharp, probes, PEOPLE, splits, 4)
    assert together["other"] == recognition_rates(sharp, {"other": probes["other"]}, PEOPLE, splits, 4)["other"]
    assert together["one"].mean > together["other"].mean


def test_what_has_no_direction_is_near_nothing() -> None:
    gallery = np.array([[np.nan, np.nan], [-1.0, 0.0], [0.0, 0.0]])
    probes = np.array([[1.0, 0.0], [0.0, 0.0], [np.nan, 1.0]])
    people = np.array([0, 1, 0])
    assert recognized(gallery, people, probes, np.array([1, 1, 1])).tolist() == [True, False, False]
    assert not recognized(gallery[[0, 2]], people[[0, 2]], probes, np.array([0, 0, 0])).any()


def test_vectors_that_are_missing_are_refused() -> None:
    split = Split(np.array([0]), np.array([1]))
    with pytest.raises(ValueError, match="one vector for each photo"):
        recognition_rates(np.ones((2, 3)), {"short": np.ones((1, 3))}, np.array([0, 0]), [split], 0)


def test_the_column_says_how_it_was_measured() -> None:
    metric = recognition_metric("net.onnx (0123abcd)", 5, 10, "onnx")
    assert metric.key == "recognition_onnx"
    assert "net.onnx (0123abcd)" in metric.variant
    assert "5 sharp photos" in metric.variant
