"""Naming the faces of a picture in one call, for whatever form it is held in."""

from pathlib import Path

from clearface.api import first_pixels
from clearface.detectors.base import Detector
from clearface.detectors.registry import build_detector
from clearface.embedders.registry import EmbedderOptions
from clearface.errors import UsageError
from clearface.recognition.deciding import DecisionRule
from clearface.recognition.identify import TOP, IdentifiedFace, Identifier, Restoring
from clearface.recognition.identify_opening import IdentifyOptions, opened_recognition
from clearface.suggestions import one_of


def identify(
    picture: object,
    gallery: str | Path | Identifier | None = None,
    *,
    restore: str = Restoring.BOTH,
    embedder: str | None = None,
    embedder_model: str | Path | None = None,
    embedder_preset: str | None = None,
    rule: DecisionRule | None = None,
    error_table: str | Path | None = None,
    top: int = TOP,
    detector: Detector | None = None,
) -> list[IdentifiedFace]:
    """Who the faces of a picture are, among the people of a gallery, most certain face first.

    picture: RGB uint8 or uint16 array `(H, W, 3)` (or with alpha `(H, W, 4)`, or grey `(H, W)`), the bytes of a photo file, a
    Pillow image or a path; of several frames the first counts. gallery: a file or a URL, None for that of CLEARFACE_GALLERY, then
    the user's own; or an `Identifier`, which is to be kept for many pictures, and to which all other options were told already.
    restore: `first`, `never` or `both`: whether faces are restored before they are recognized; where both answers disagree,
    nobody is named. embedder, embedder_model, embedder_preset: as the gallery was made with. rule: who is chosen. error_table:
    errors measured for the embedder, where none come with it. top: people told of each face.

    Every answer has a probability and the errors that are to be expected for a face of its blur and size. Raises PhotoError,
    GalleryError, ModelError, UsageError, DependencyError, TypeError.
    """
    pixels = first_pixels(picture)
    if isinstance(gallery, Identifier):
        told = (embedder, embedder_model, embedder_preset, rule, error_table, detector)
        if any(option is not None for option in told) or restore != Restoring.BOTH or top != TOP:
            raise UsageError("an identifier was told everything when it was made: leave the other options out")
        return gallery.identify_frame(pixels)
    options = IdentifyOptions(
        gallery,
        embedder,
        EmbedderOptions(model=_path(embedder_model), preset=embedder_preset),
        _path(error_table),
        rule or DecisionRule(),
        one_of("restore", restore, Restoring),
        top,
    )
    with opened_recognition(options) as recognition:
        return recognition.identifier(detector or build_detector("centerface")).identify_frame(pixels)


def _path(place: str | Path | None) -> Path | None:
    return None if place is None else Path(place)
