"""How long it takes to say who somebody is, on made photos of the public-domain astronaut.

    python -m benchmarks.recognition_speed

One face and a batch of 16 are embedded, cutting included; one face is looked for among 100,000; a photo of one megapixel with 16
faces is identified, each way of restoring. Networks are loaded beforehand; the least and the median of several runs are told,
since anything above the least is the machine's other work.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import skimage
from benchmarks.speed import crowd

from clearface.detectors.registry import build_detector
from clearface.embedders.registry import build_embedder
from clearface.recognition.base import Condition, KnownFaces, KnownPerson
from clearface.recognition.deciding import Decider, DecisionRule
from clearface.recognition.error_tables import load_error_table
from clearface.recognition.identify import Identifier, Restoring
from clearface.squares import take_square, template_square

KNOWN = 100_000
PHOTOS_EACH = 5
RUNS = 9


def timed(words: str, work: Callable[[], object], per: int = 1) -> None:
    """Tells the least and the median of `RUNS` runs, in milliseconds, parted among `per` faces."""
    work()
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        seconds.append((time.perf_counter() - started) / per)
    print(f"| {words} | {1000 * min(seconds):.1f} ms | {1000 * statistics.median(seconds):.1f} ms |", flush=True)


def known_faces(vectors: np.ndarray) -> KnownFaces:
    """Made people with `PHOTOS_EACH` photos each."""
    owners = np.arange(len(vectors)) // PHOTOS_EACH
    people = tuple(KnownPerson(f"person {number}") for number in range(int(owners.max()) + 1))
    photos = tuple(f"photo {number}" for number in range(len(vectors)))
    return KnownFaces(vectors, owners.astype(np.intp), np.ones(len(vectors), np.float32), photos, people)


def main() -> None:
    detector, embedder = build_detector("centerface"), build_embedder("fusion")
    errors = load_error_table(embedder)
    astronaut = skimage.data.astronaut()
    (face,) = detector.detect(astronaut)
    square = take_square(astronaut, template_square(face, 160))[None]
    batch = np.repeat(square, 16, 0)
    generator = np.random.default_rng(0)
    vectors = generator.standard_normal((KNOWN, embedder.dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    decider = Decider(known_faces(vectors), DecisionRule(), errors)
    own, condition = embedder.embed(square), [Condition(160, 0.0)]
    print("| | least | median |\n|---|---|---|")
    timed("one face embedded", lambda: embedder.embed(square))
    timed("a face of a batch of 16", lambda: embedder.embed(batch), 16)
    timed(f"one face among {KNOWN:,}", lambda: decider.decide(own, condition))
    picture = crowd(1152, 896, 4, 4, 224)
    few = known_faces(np.concatenate([own, vectors[:999]]))
    for restoring in Restoring:
        identifier = Identifier(detector, embedder, few, DecisionRule(), errors, restore=restoring)
        found = len(identifier.identify_frame(picture))
        timed(f"1 megapixel, {found} faces, restore {restoring.value}", lambda: identifier.identify_frame(picture))  # noqa: B023


if __name__ == "__main__":
    main()
