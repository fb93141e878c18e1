"""The people of the host's gallery, as they are known now."""

from dataclasses import replace
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING

from clearface.arrays import FloatArray
from clearface.embedders.base import Embedder
from clearface.embedders.registry import EmbedderOptions
from clearface.recognition.base import KnownFaces
from clearface.recognition.error_tables import ErrorTable
from clearface.recognition.identify import KnownSource
from clearface.recognition.identify_opening import IdentifyOptions, fitting_embedder, fitting_errors, known_of
from clearface.server.settings import OfferedGallery

if TYPE_CHECKING:
    from clearface.gallery.gallery import Gallery


class KnownPeople:
    """A gallery that stays open, read anew whenever it was changed. For one thread.

    Clients are told the names of photos alone: where these lie is the host's business.
    """

    def __init__(self, offered: OfferedGallery) -> None:
        self._options = IdentifyOptions(
            offered.place,
            offered.embedder,
            EmbedderOptions(model=offered.embedder_model, preset=offered.embedder_preset),
            offered.error_table,
        )
        self._revision: str | None = None
        self._people: KnownFaces | KnownSource | None = None

    @cached_property
    def embedder(self) -> Embedder:
        """What the gallery was made with. Raises GalleryError, UsageError, ModelError, DependencyError."""
        return fitting_embedder(self._gallery, self._options)

    @cached_property
    def errors(self) -> ErrorTable:
        """Measured for the embedder. Raises UsageError, ModelError."""
        return fitting_errors(self.embedder, self._options)

    def people(self) -> KnownFaces | KnownSource:
        """Who is known. Raises GalleryError where the gallery cannot be reached, is damaged or empty, or was made anew with
        another embedder.
        """
        revision = self._gallery.revision()
        if self._people is None or revision != self._revision:
            fitting_embedder(self._gallery, self._options, self.embedder)
            known = known_of(self._gallery)
            self._people = _without_folders(known) if isinstance(known, KnownFaces) else _WithoutFolders(known)
            self._revision = revision
        return self._people

    def close(self) -> None:
        """Lets go of the gallery."""
        if "_gallery" in self.__dict__:
            self._gallery.close()

    @cached_property
    def _gallery(self) -> "Gallery":
        from clearface.gallery.opening import open_gallery

        return open_gallery(self._options.gallery, must_exist=True)


class _WithoutFolders:
    """A source of known faces that keeps to itself where their photos lie."""

    def __init__(self, source: KnownSource) -> None:
        self._source = source

    def known_faces(self, near: FloatArray | None = None) -> KnownFaces:
        """As that of the source."""
        return _without_folders(self._source.known_faces(near))


def _without_folders(known: KnownFaces) -> KnownFaces:
    return replace(known, photos=tuple(PurePath(photo).name for photo in known.photos))
