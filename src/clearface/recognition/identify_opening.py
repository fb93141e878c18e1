"""An identifier put together from what was asked for: a gallery, an embedder that fits it, the errors measured for that."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from clearface.detectors.base import Detector
from clearface.detectors.selection import FaceSelection
from clearface.embedders.base import Embedder
from clearface.embedders.registry import DEFAULT_EMBEDDER, EmbedderOptions, build_embedder
from clearface.errors import UsageError
from clearface.recognition.base import KnownFaces
from clearface.recognition.deciding import DecisionRule
from clearface.recognition.error_tables import ErrorTable, load_error_table
from clearface.recognition.identify import TOP, Identifier, KnownSource, Restoring
from clearface.recognition.identify_looks import BlurEstimating

if TYPE_CHECKING:
    from clearface.gallery.gallery import Gallery
    from clearface.restorers.base import Restorer


@dataclass(frozen=True)
class IdentifyOptions:
    """How people are to be recognized. Raises UsageError for numbers that cannot be."""

    gallery: str | Path | None = None
    """A file, a URL, or None for that of CLEARFACE_GALLERY, then of the user's data folder."""

    embedder: str | None = None
    """As `--embedder` takes it; None for the default."""

    embedder_options: EmbedderOptions = field(default_factory=EmbedderOptions)
    error_table: Path | None = None
    """None for the one that ships with the embedder."""

    rule: DecisionRule = field(default_factory=DecisionRule)
    restore: Restoring = Restoring.BOTH
    top: int = TOP

    def __post_init__(self) -> None:
        if self.top < 1:
            raise UsageError(f"an answer tells 1 person at least, not {self.top}")


@dataclass(frozen=True, eq=False)
class Recognition:
    """All that names faces but the eyes: who is known, how faces become vectors, how vectors become answers."""

    embedder: Embedder
    known: KnownFaces | KnownSource
    errors: ErrorTable
    options: IdentifyOptions

    def identifier(
        self,
        detector: Detector,
        selection: FaceSelection | None = None,
        restorer: "Restorer | None" = None,
        estimator: BlurEstimating | None = None,
    ) -> Identifier:
        """An identifier that finds faces by `detector`. Raises as `Identifier`."""
        return Identifier(
            detector,
            self.embedder,
            self.known,
            self.options.rule,
            self.errors,
            restore=self.options.restore,
            restorer=restorer,
            estimator=estimator,
            selection=selection,
            top=self.options.top,
        )


@contextmanager
def opened_recognition(options: IdentifyOptions) -> Iterator[Recognition]:
    """What is asked for, read and checked, for as long as the gallery has to be open.

    Raises UsageError for names and options that cannot be; GalleryError where the gallery is not there, damaged, empty or made
    with another embedder; ModelError where a network or its table of errors is missing or damaged; DependencyError.
    """
    from clearface.gallery.opening import open_gallery

    with open_gallery(options.gallery, must_exist=True) as gallery:
        embedder = fitting_embedder(gallery, options)
        yield Recognition(embedder, known_of(gallery), fitting_errors(embedder, options), options)


def fitting_embedder(gallery: "Gallery", options: IdentifyOptions, embedder: Embedder | None = None) -> Embedder:
    """The embedder asked for, or the one that is given, which was built so before.

    Raises GalleryError where the gallery was made with another, and what `build_embedder` raises.
    """
    from clearface.gallery.models import EmbedderChoice, check_model

    name, told = options.embedder or DEFAULT_EMBEDDER, options.embedder_options
    built = embedder or build_embedder(name, told)
    check_model(gallery, built, EmbedderChoice(name, told.model, told.preset))
    return built


def fitting_errors(embedder: Embedder, options: IdentifyOptions) -> ErrorTable:
    """The errors measured for an embedder. Raises as `load_error_table`."""
    return load_error_table(embedder, options.error_table, options.embedder or DEFAULT_EMBEDDER)


def known_of(gallery: "Gallery") -> KnownFaces | KnownSource:
    """All faces of a gallery, read once; the gallery itself where it finds those near a face faster than all could be read.

    Raises GalleryError where it is empty or damaged.
    """
    return gallery if gallery.finds_near else gallery.known_faces()
