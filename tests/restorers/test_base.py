import numpy as np
import pytest

from clearface.arrays import FloatArray
from clearface.errors import ModelError
from clearface.restorers.base import Framing, NetworkUse, Restored, Tells, photo_size, restore_checked
from clearface.restorers.identity import Identity
from clearface.verdicts import Verdict


class Answering:
    """Answers with what it was given."""

    name = "answering"
    framing = Framing.TEMPLATE
    tells = Tells()

    def __init__(self, answer: Restored) -> None:
        self._answer = answer

    def working_size(self, native_size: float) -> int:
        return round(native_size)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        return ()

    def restore(self, faces: FloatArray) -> Restored:
        return self._answer


FACES = np.random.default_rng(0).random((2, 8, 8, 3), dtype=np.float32)


def test_answers_are_clipped() -> None:
    answer = restore_checked(Answering(Restored(FACES * 3 - 1, FACES[..., 0] * 3 - 1)), FACES)
    assert answer.confidence is not None
    np.testing.assert_array_equal(answer.faces, np.clip(FACES * 3 - 1, 0, 1))
    np.testing.assert_array_equal(answer.confidence, np.clip(FACES[..., 0] * 3 - 1, 0, 1))
    assert answer.faces.dtype == answer.confidence.dtype == np.float32


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Restored(FACES[:1]), r"faces of shape \(1, 8, 8, 3\) where \(2, 8, 8, 3\)"),
        (Restored(FACES, FACES), r"confidence of shape"),
        (Restored(np.where(FACES > 0.9, np.nan, FACES).astype(np.float32)), "faces that are not finite"),
        (Restored(np.where(FACES > 0.9, np.inf, FACES).astype(np.float32)), "faces that are not finite"),
        (Restored(FACES, np.full((2, 8, 8), np.nan, np.float32)), "confidence that are not finite"),
        (Restored(FACES, error=FACES), "error of shape"),
        (Restored(FACES, verdicts=(Verdict.SHARP,)), "1 verdicts for 2 faces"),
        (Restored(FACES, left=(True,) * 3), "3 left for 2 faces"),
        (Restored(FACES, estimates=()), "0 estimates for 2 faces"),
    ],
)
def test_nonsense_is_refused(answer: Restored, said: str) -> None:
    with pytest.raises(ModelError, match=f"answering: .*{said}"):
        restore_checked(Answering(answer), FACES)


def test_no_faces_are_restored_to_none() -> None:
    assert len(restore_checked(Identity(), FACES[:0]).faces) == 0


def test_photo_size_is_the_faces_own() -> None:
    assert [photo_size(size) for size in (0.2, 40.4, 1499.6)] == [1, 40, 1500]


def test_identity_hands_back_a_copy() -> None:
    restored = Identity().restore(FACES)
    np.testing.assert_array_equal(restored.faces, FACES)
    assert restored.faces is not FACES
    assert Identity().working_size(130) == 128
