"""A classical embedder fitted on people, a folder each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clearface.detectors.base import Detector
from clearface.embedders.base import Embedder
from clearface.embedders.fitting import fit_embedder
from clearface.errors import PhotoError, UsageError
from clearface.files.explanations import shown
from clearface.files.inputs import read_bytes
from clearface.gallery.adding import NewPerson
from clearface.photos.decode import PhotoLimits, read_photo
from clearface.photos.rasters import pixels_on_white
from clearface.squares import take_square, template_square

SIDE = 160
"""Of the FFHQ squares it is fitted on, in pixels; more than any classical embedder looks at."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """What came of it."""

    embedder: Embedder
    people: int
    faces: int

    left_out: tuple[str, ...]
    """A sentence for each photo without a face, or that cannot be read."""


def fit_on_people(
    kind: str,
    people: Sequence[NewPerson],
    detector: Detector,
    path: Path,
    limits: PhotoLimits | None = None,
    *,
    overwrite: bool = False,
    done: Callable[[int], None] = lambda _: None,
) -> Fitted:
    """Fits `eigenfaces`, `fisherfaces` or `lpp` on the largest face of every photo and writes the model to `path`.

    done: called with 1 after each photo. Raises UsageError where no photo shows a face, or too few do for the method; what
    `clearface.embedders.fitting.fit_embedder` raises.
    """
    squares, owners, left_out = [], [], []
    for owner, person in enumerate(people):
        for photo in person.photos:
            try:
                pixels = pixels_on_white(read_photo(read_bytes(photo), shown(photo), limits).frames[0])
            except PhotoError as error:
                left_out.append(str(error))
            else:
                face = max(detector.detect(pixels), key=lambda found: found.box.size, default=None)
                if face is None:
                    left_out.append(f"{shown(photo)}: no face is found")
                else:
                    squares.append(take_square(pixels, template_square(face, SIDE)))
                    owners.append(owner)
            done(1)
    if not squares:
        raise UsageError("none of the photos shows a face, and an embedder is fitted on faces")
    embedder = fit_embedder(kind, np.stack(squares), np.array(owners, np.intp), path, overwrite=overwrite)
    return Fitted(embedder, len(set(owners)), len(squares), tuple(left_out))
