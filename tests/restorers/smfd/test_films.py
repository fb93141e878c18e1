"""What the default restorer can besides, for films."""

from pathlib import Path

import numpy as np
import pytest

from clearface.restorers.base import FilmRestorer
from clearface.restorers.identity import Identity
from clearface.restorers.smfd.smfd import SWIFT_READING, Smfd
from clearface.verdicts import Verdict


def some_faces(side: int, count: int = 2) -> np.ndarray:
    return np.random.default_rng(side).random((count, side, side, 3), dtype=np.float32)


def test_it_is_one_that_films_can_use(smfd_folder: Path) -> None:
    assert isinstance(Smfd(smfd_folder), FilmRestorer)
    assert not isinstance(Identity(), FilmRestorer)
    assert Smfd(smfd_folder, restore_anyway=True).restores_anyway
    assert not Smfd(smfd_folder).restores_anyway


@pytest.mark.parametrize("side", [96, 128, 192])
def test_blurs_named_beforehand_change_nothing(smfd_folder: Path, side: int) -> None:
    faces, restorer = some_faces(side), Smfd(smfd_folder, restore_anyway=True)
    whole = restorer.restore(faces)
    blurs = restorer.name_blurs(faces)
    assert whole.estimates is not None
    for named, undone in zip(blurs, whole.estimates, strict=True):
        assert named.kernel == pytest.approx(undone.kernel, abs=1e-6)
    knowing = restorer.restore_knowing(faces, blurs, swift=False)
    assert knowing.faces == pytest.approx(whole.faces, abs=1e-5)
    assert knowing.error == pytest.approx(whole.error, abs=1e-5)
    assert knowing.verdicts == whole.verdicts
    assert knowing.left is None


def test_swift_is_the_same_for_small_faces_and_near_for_large_ones(smfd_folder: Path) -> None:
    restorer = Smfd(smfd_folder)
    for side, near in ((SWIFT_READING, 0.0), (SWIFT_READING + 64, 0.3)):
        faces = some_faces(side, 1)
        blurs = restorer.name_blurs(faces)
        swift, full = (restorer.restore_knowing(faces, blurs, swift).faces for swift in (True, False))
        assert np.abs(swift - full).mean() <= near
        assert (side == SWIFT_READING) == bool(np.array_equal(swift, full))


def test_no_face_is_left_whatever_the_verdict(smfd_folder: Path) -> None:
    restorer, flat = Smfd(smfd_folder), np.full((1, 128, 128, 3), 0.5, np.float32)
    answer = restorer.restore_knowing(flat, restorer.name_blurs(flat), swift=True)
    assert answer.verdicts == (Verdict.TOO_FAR_GONE,)
    assert not np.array_equal(answer.faces, flat)
    assert np.array_equal(restorer.restore(flat).faces, flat)


def test_sides_the_networks_cannot_take_are_refused(smfd_folder: Path) -> None:
    restorer = Smfd(smfd_folder)
    with pytest.raises(ValueError, match="multiple of 16"):
        restorer.name_blurs(some_faces(100))
    with pytest.raises(ValueError, match="multiple of 16"):
        restorer.restore_knowing(some_faces(100), restorer.name_blurs(some_faces(96)), swift=True)
