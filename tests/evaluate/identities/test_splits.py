import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.errors import UsageError
from clearface.evaluate.identities.splits import draw_splits


@given(
    counts=st.lists(st.integers(1, 12), min_size=1, max_size=6).filter(lambda counts: max(counts) > 1),
    gallery=st.integers(1, 8),
    seed=st.integers(0, 1000),
)
def test_every_photo_is_known_or_asked_for_and_everybody_is_known(counts: list[int], gallery: int, seed: int) -> None:
    people = np.repeat(np.arange(len(counts)), counts)
    for split in draw_splits(people, seed, gallery, 3):
        assert sorted([*split.gallery, *split.probes]) == list(range(len(people)))
        known = np.bincount(people[split.gallery], minlength=len(counts))
        assert known.tolist() == [max(1, min(gallery, count - 1)) for count in counts]


def test_the_seed_alone_decides_and_more_splits_change_none() -> None:
    people = np.repeat(np.arange(4), 10)
    few, more, others = (
        draw_splits(people, 1, count=2),
        draw_splits(people, 1, count=5),
        draw_splits(people, 2, count=2),
    )
    assert all(np.array_equal(one.gallery, other.gallery) for one, other in zip(few, more, strict=False))
    assert not np.array_equal(more[0].gallery, more[1].gallery)
    assert not np.array_equal(few[0].gallery, others[0].gallery)


def test_what_cannot_be_parted_is_refused() -> None:
    with pytest.raises(UsageError, match="a person with two photos"):
        draw_splits(np.arange(5), 0)
    with pytest.raises(UsageError, match="at least one photo of each person"):
        draw_splits(np.zeros(5, int), 0, gallery_photos=0)
