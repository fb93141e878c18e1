"""Whether a gallery and an embedder belong together."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clearface.embedders.base import Embedder
from clearface.errors import GalleryError
from clearface.gallery.base import Model

if TYPE_CHECKING:
    from clearface.gallery.gallery import Gallery

_SHOWN = 8


@dataclass(frozen=True)
class EmbedderChoice:
    """An embedder as it was named, so that a command can name it again."""

    name: str
    model: Path | None = None
    preset: str | None = None

    @property
    def options(self) -> str:
        """As they stand on the command line."""
        words = ["--embedder", self.name]
        if self.model is not None:
            words += ["--embedder-model", str(self.model)]
        if self.preset is not None:
            words += ["--embedder-preset", self.preset]
        return shlex.join(words)


def model_of(embedder: Embedder) -> Model:
    """What is kept of an embedder beside its vectors."""
    return Model(embedder.name, embedder.checksum, embedder.dimension)


def check_model(gallery: "Gallery", embedder: Embedder, choice: EmbedderChoice | None = None) -> None:
    """Raises GalleryError where a gallery was made with another embedder, with the command that embeds its faces anew.

    choice: how the embedder was named; without, the command leaves it to the reader.
    """
    kept = gallery.model
    if kept is not None and not same_model(kept, model_of(embedder)):
        raise other_model(gallery.place.shown, gallery.place.option, kept, embedder, choice)


def same_model(one: Model, other: Model) -> bool:
    """Whether vectors of both can be compared: the same network or fitted model, whatever its file is called."""
    return one.checksum == other.checksum and one.dimension == other.dimension


def other_model(
    place: str, option: str, kept: Model, embedder: Embedder, choice: EmbedderChoice | None
) -> GalleryError:
    """The refusal. place: as it is shown. option: what names the gallery in a command, or nothing."""
    chosen = "--embedder NAME" if choice is None else choice.options
    return GalleryError(
        f"{place}: the gallery was made with {described(kept)} and not with {described(model_of(embedder))}: choose "
        f"that embedder, or embed the gallery anew: `clearface gallery reembed {chosen}{option}`"
    )


def described(model: Model) -> str:
    """A model in words."""
    told = f"{model.checksum[:_SHOWN]}"
    return model.name if told in model.name else f"{model.name} ({told})"
