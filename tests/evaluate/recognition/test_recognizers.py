"""Every way to recognize people on arrays, where the truth is known."""

from pathlib import Path

import numpy as np
import pytest

from clearface.errors import UsageError
from clearface.evaluate.recognition.recognizers import RECOGNIZERS, embedders_of, recognizer_named
from clearface.evaluate.recognition.scoring import CollectionArrays, SplitUnit, recognized_photos
from clearface.evaluate.recognition.settings import Framing, RecognitionSettings

PEOPLE, PHOTOS = 4, 6


def collection_of_patterns() -> CollectionArrays:
    """Smooth patterns, one a person, in noise and other light; and the same turned over to the next person's, as a test."""
    generator = np.random.default_rng(0)
    people = np.repeat(np.arange(PEOPLE), PHOTOS)
    coarse = generator.random((PEOPLE, 8, 8))
    patterns = np.stack([np.kron(pattern, np.ones((8, 8))) for pattern in coarse])[people]
    light = generator.uniform(0.8, 1, (len(people), 1, 1))
    grey = np.clip(patterns * light + generator.normal(0, 0.03, patterns.shape), 0, 1).astype(np.float32)
    vectors = np.eye(PEOPLE, dtype=np.float32)[people] + generator.normal(0, 0.05, (len(people), PEOPLE))
    wrong = np.roll(np.arange(len(people)), PHOTOS)
    return CollectionArrays(
        people,
        {
            "grey:sharp": grey,
            "grey:swapped": grey[wrong],
            "fusion:sharp": vectors.astype(np.float32),
            "fusion:swapped": vectors[wrong].astype(np.float32),
        },
    )


@pytest.mark.parametrize("method", ["pca", "lda", "lpp", "lbp", "cnn", "fusion"])
def test_people_are_recognized_and_others_taken_for_who_they_look_like(method: str) -> None:
    settings = RecognitionSettings((), (method,), seed=5)
    unit = SplitUnit("patterns", Path("none"), "", method, 3, 1, Framing.ALIGNED)
    answers = recognized_photos(collection_of_patterns(), settings, unit).vectors
    assert set(answers) == {"sharp", "swapped"}
    assert answers["sharp"].shape == (PEOPLE * (PHOTOS - 3),)
    assert answers["sharp"].mean() > 0.9
    assert answers["swapped"].mean() < 0.1


def test_what_cannot_be_learned_is_told() -> None:
    arrays = CollectionArrays(np.array([0, 0, 1, 1]), {"grey:sharp": np.full((4, 40, 40), 0.5, np.float32)})
    settings = RecognitionSettings((), ("pca",))
    with pytest.raises(UsageError, match="pca cannot learn flat with 1 photos a person: vectors that are all the same"):
        recognized_photos(arrays, settings, SplitUnit("flat", Path("none"), "", "pca", 1, 0, Framing.WHOLE))


def test_names() -> None:
    assert recognizer_named("PCA").name == "pca"
    with pytest.raises(UsageError, match='there is no recognition method "fushion": did you mean "fusion"'):
        recognizer_named("fushion")
    assert embedders_of(["pca", "dlib", "cnn", "fusion"]) == ("dlib", "fusion")
    assert len({recognizer.name for recognizer in RECOGNIZERS}) == len(RECOGNIZERS)
