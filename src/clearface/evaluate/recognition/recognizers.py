"""The ways to recognize people that are compared: each learns the photos of one split, and names the people of the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from clearface.arrays import AnyArray, FloatArray
from clearface.errors import UsageError
from clearface.evaluate.identities.people_faces import IndexArray
from clearface.evaluate.recognition.fusion_cnn import CnnSettings, train_fusion_cnn
from clearface.evaluate.recognition.neighbours import nearest_people
from clearface.evaluate.recognition.settings import Distance, Framing
from clearface.suggestions import did_you_mean

if TYPE_CHECKING:
    from clearface.embedders.lbp import LbpOptions

COMPONENTS = 100
"""Principal components that PCA keeps, and LPP at most."""

SHRINKAGE = 0.1
"""Of the scatter within people in LDA: with a few photos a person the plain one has no inverse, or a poor one."""


@dataclass(frozen=True)
class Asking:
    """How the nearest are asked."""

    neighbours: int
    distance: Distance
    seed: int
    """Of what is drawn by chance while a method learns."""

    framing: Framing
    """Of the grey pictures: whole or aligned."""


Recognize = Callable[[AnyArray, IndexArray, Mapping[str, AnyArray], Asking], dict[str, IndexArray]]
"""Vectors or pictures that are known `(G, ...)`, whose they are `(G,)`, and by test those to recognize `(P, ...)`, to people
by test `(P,)`."""


@dataclass(frozen=True)
class Recognizer:
    """One way to recognize people."""

    name: str
    label: str
    embedder: str | None
    """Whose vectors it compares; None where it looks at grey pictures."""

    recognize: Recognize

    told: str = ""
    """What else decides its answers, as text that is another where anything is."""


def recognizer_named(name: str) -> Recognizer:
    """The one of that name, in upper or lower case. Raises UsageError where there is none."""
    for recognizer in RECOGNIZERS:
        if recognizer.name == name.lower():
            return recognizer
    names = [recognizer.name for recognizer in RECOGNIZERS]
    raise UsageError(f'there is no recognition method "{name}": {did_you_mean(name, names)}')


def embedders_of(methods: Sequence[str]) -> tuple[str, ...]:
    """The embedders that some of the methods need."""
    needed = (recognizer_named(name).embedder for name in methods)
    return tuple(dict.fromkeys(name for name in needed if name is not None))


def halved(pictures: AnyArray) -> FloatArray:
    """`(N, H, W)` at half the size, each pixel the mean of four; H and W are even."""
    height, width = pictures.shape[1] // 2, pictures.shape[2] // 2
    small = [
        cv2.resize(np.asarray(picture, np.float32), (width, height), interpolation=cv2.INTER_AREA)
        for picture in pictures
    ]
    return np.asarray(np.reshape(small, (len(pictures), height, width)), np.float32)


def _flat(pictures: AnyArray) -> FloatArray:
    return halved(pictures).reshape(len(pictures), -1)


def _by_vectors(
    known: AnyArray, owners: IndexArray, probes: Mapping[str, AnyArray], asking: Asking
) -> dict[str, IndexArray]:
    return {
        test: nearest_people(known, owners, vectors, asking.neighbours, asking.distance)
        for test, vectors in probes.items()
    }


def _by_eigenfaces(
    known: AnyArray, owners: IndexArray, probes: Mapping[str, AnyArray], asking: Asking
) -> dict[str, IndexArray]:
    from clearface.embedders.eigenfaces import fit_eigenfaces

    vectors = _flat(known)
    space = fit_eigenfaces(vectors, COMPONENTS)
    projected = {test: space.project(_flat(pictures)) for test, pictures in probes.items()}
    return _by_vectors(space.project(vectors), owners, projected, asking)


def _by_fisherfaces(
    known: AnyArray, owners: IndexArray, probes: Mapping[str, AnyArray], asking: Asking
) -> dict[str, IndexArray]:
    from clearface.embedders.fisherfaces import fit_fisherfaces

    vectors = _flat(known)
    space = fit_fisherfaces(vectors, owners, shrinkage=SHRINKAGE)
    projected = {test: space.project(_flat(pictures)) for test, pictures in probes.items()}
    return _by_vectors(space.project(vectors), owners, projected, asking)


def _by_locality(
    known: AnyArray, owners: IndexArray, probes: Mapping[str, AnyArray], asking: Asking
) -> dict[str, IndexArray]:
    from clearface.embedders.lpp import LppOptions, fit_lpp

    vectors = _flat(known)
    room = max(1, len(owners) - len(np.unique(owners)))
    space = fit_lpp(vectors, owners, LppOptions(components=min(COMPONENTS, room)))
    projected = {test: space.project(_flat(pictures)) for test, pictures in probes.items()}
    return _by_vectors(space.project(vectors), owners, projected, asking)


def _by_patterns(
    known: AnyArray, owners: IndexArray, probes: Mapping[str, AnyArray], asking: Asking
) -> dict[str, IndexArray]:
    from clearface.embedders.lbp import LbpOptions
    from clearface.embedders.photometry import Photometry

    # Of a whole photo no part counts most, and hair and surroundings are told by their brightness.
    whole = asking.framing is Framing.WHOLE
    options = LbpOptions(weighted=False, photometry=Photometry.NONE) if whole else LbpOptions()
    histograms = {test: _patterns(pictures, options) for test, pictures in probes.items()}
    return _by_vectors(_patterns(known, options), owners, histograms, asking)


def _patterns(pictures: AnyArray, options: "LbpOptions") -> AnyArray:
    """Histograms `(N, D)`; they do not depend on the split, so that each picture is looked at once in a process."""
    return np.stack(
        [_pattern(np.asarray(picture, np.float32).tobytes(), picture.shape, options) for picture in pictures]
    )


@lru_cache(maxsize=8192)
def _pattern(picture: bytes, shape: tuple[int, ...], options: "LbpOptions") -> AnyArray:
    from clearface.embedders.lbp import lbp_histograms

    return np.asarray(lbp_histograms(np.frombuffer(picture, np.float32).reshape(1, *shape), options)[0])


def _by_fusion_cnn(
    known: AnyArray, owners: IndexArray, probes: Mapping[str, AnyArray], asking: Asking
) -> dict[str, IndexArray]:
    trained = train_fusion_cnn(halved(known), owners, asking.seed)
    return {test: trained.recognize(halved(pictures)) for test, pictures in probes.items()}


RECOGNIZERS: tuple[Recognizer, ...] = (
    Recognizer("pca", "PCA + KNN", None, _by_eigenfaces, f"{COMPONENTS}"),
    Recognizer("lda", "LDA + KNN", None, _by_fisherfaces, f"{SHRINKAGE}"),
    Recognizer("lpp", "LPP + KNN", None, _by_locality, f"{COMPONENTS}"),
    Recognizer("lbp", "LBP + KNN", None, _by_patterns, "8x8, Tan-Triggs where aligned"),
    Recognizer("cnn", "Fusion CNN, trained on the split", None, _by_fusion_cnn, repr(CnnSettings())),
    Recognizer("fusion", "clearface's embedder + KNN", "fusion", _by_vectors),
    Recognizer("dlib", "dlib's ResNet + KNN", "dlib", _by_vectors),
    Recognizer("onnx", "ONNX embedder + KNN", "onnx", _by_vectors),
)
"""In the order of the table."""
