from dataclasses import replace

import cv2
import numpy as np
import pytest
from skimage import data

from clearface.blur_estimates import BlurEstimate
from clearface.masks import FaceClass
from clearface.point_spread import gaussian, motion
from clearface.restorers.smfd.judgement import Findings, detail_share, judge
from clearface.verdicts import Verdict

POINT = np.zeros((5, 5))
POINT[2, 2] = 1


def masks(side: int) -> np.ndarray:
    """Skin in the middle, hair around it."""
    planes = np.zeros((11, side, side), np.float32)
    planes[FaceClass.HAIR] = 1
    middle = (slice(side // 4, -side // 4), slice(side // 4, -side // 4))
    planes[(FaceClass.HAIR, *middle)] = 0
    planes[(FaceClass.SKIN, *middle)] = 1
    return planes


def findings(side: int = 64) -> Findings:
    """Of a face that is blurred and can be restored."""
    flat = np.ones((side, side), np.float32)
    return Findings(0.15, BlurEstimate(motion(9, 20), 0.8), masks(side), 0.03 * flat, 0.05 * flat)


def test_a_blurred_face_is_restored() -> None:
    assert judge(findings()) is Verdict.RESTORED


@pytest.mark.parametrize("side", [96, 128, 256])
def test_a_point_that_changes_nothing_is_sharp(side: int) -> None:
    still = replace(findings(side), change=np.full((side, side), 0.001, np.float32))
    assert judge(replace(still, estimate=BlurEstimate(POINT, 0.8))) is Verdict.SHARP
    # A blur of 0.4 pixels at 128 is 0.8 pixels at 256, and none either way.
    assert judge(replace(still, estimate=BlurEstimate(gaussian(0.4 * side / 128), 0.8))) is Verdict.SHARP
    assert judge(replace(still, estimate=BlurEstimate(gaussian(2.0 * side / 128), 0.8))) is Verdict.RESTORED


def test_a_point_that_changes_the_face_is_restored() -> None:
    assert judge(replace(findings(), estimate=BlurEstimate(POINT, 0.8))) is Verdict.RESTORED


def test_what_happens_around_the_face_does_not_count() -> None:
    side = 64
    around = 1 - masks(side)[FaceClass.SKIN]
    loud = replace(findings(side), change=around, error=around, estimate=BlurEstimate(POINT, 0.8))
    assert judge(loud) is Verdict.SHARP


def test_too_large_an_error_or_no_certainty_is_too_far_gone() -> None:
    assert judge(replace(findings(), error=np.full((64, 64), 0.5, np.float32))) is Verdict.TOO_FAR_GONE
    assert judge(replace(findings(), estimate=BlurEstimate(motion(9, 20), 0.01))) is Verdict.TOO_FAR_GONE


def test_where_no_face_is_seen_the_middle_counts() -> None:
    nothing = np.zeros((11, 64, 64), np.float32)
    nothing[FaceClass.BACKGROUND] = 1
    assert judge(replace(findings(), masks=nothing)) is Verdict.RESTORED
    lost = replace(findings(), masks=nothing, error=np.full((64, 64), 0.5, np.float32))
    assert judge(lost) is Verdict.TOO_FAR_GONE


def test_a_face_without_detail_is_too_far_gone() -> None:
    assert judge(replace(findings(), detail=0.03)) is Verdict.TOO_FAR_GONE


@pytest.mark.parametrize("side", [128, 256])
def test_detail_falls_with_blur_whatever_the_size(side: int) -> None:
    portrait = data.astronaut()[16:176, 144:304].astype(np.float32) / 255
    face = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_CUBIC)
    shares = [detail_share(cv2.GaussianBlur(face, (0, 0), part * side)) for part in (0.001, 0.01, 0.03, 0.1)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.12
    assert shares[-1] < 0.04


def test_noise_alone_is_little_detail_and_a_flat_face_none() -> None:
    portrait = cv2.GaussianBlur(data.astronaut()[16:176, 144:304].astype(np.float32) / 255, (0, 0), 16)
    noisy = portrait + np.random.default_rng(0).normal(0, 0.02, portrait.shape).astype(np.float32)
    assert detail_share(noisy) < 0.05
    assert detail_share(np.full((96, 96, 3), 0.5, np.float32)) == pytest.approx(0, abs=1e-5)
