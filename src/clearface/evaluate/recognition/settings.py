"""What decides the numbers of a recognition experiment."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from clearface.evaluate.specs import MethodSpec

SHARP = "sharp"
"""The test whose photos are as they were."""


class Framing(StrEnum):
    """What of a photo classical methods and the fusion CNN look at."""

    WHOLE = "whole"
    """All of it, hair and surroundings included, as is usual on ORL."""

    ALIGNED = "aligned"
    """The face, turned upright with the eyes in their places."""

    AUTO = "auto"
    """Whole where photos are hardly more than the face, aligned otherwise."""


class Distance(StrEnum):
    """How near two vectors are."""

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"


@dataclass(frozen=True)
class RecognitionSettings:
    """Everything that was asked for."""

    folders: tuple[Path, ...]
    """Collections of people."""

    methods: tuple[str, ...]
    """Names of `recognizers.RECOGNIZERS`."""

    training_photos: tuple[int, ...] = (2, 3, 5, 7)
    """Of each person, by which it is known."""

    splits: int = 20
    """Random ways to choose these photos."""

    protocols: tuple[str, ...] = ("shen", "mild")
    """How the photos to recognize are blurred; they are recognized sharp in any case."""

    restorers: tuple[MethodSpec, ...] = ()
    """What restores the blurred photos before they are recognized again."""

    framing: Framing = Framing.AUTO
    neighbours: int = 1
    distance: Distance = Distance.COSINE
    size: int = 128
    """Side of the FFHQ square of every face, in pixels of the photo: photos are scaled to it before they are blurred."""

    seed: int = 7
    embedder_model: Path | None = None
    """The network file of the method `onnx`."""

    max_pixels: int = 250_000_000

    @property
    def tests(self) -> tuple[str, ...]:
        """Names of what the photos to recognize go through, in order."""
        return (
            SHARP,
            *(
                name
                for protocol in self.protocols
                for name in (protocol, *(restored_test(protocol, restorer.name) for restorer in self.restorers))
            ),
        )

    def collection_names(self) -> tuple[str, ...]:
        """Of the folders: their last part, with a number where two are the same."""
        names: list[str] = []
        for folder in self.folders:
            own = folder.resolve().name
            count = sum(name == own or name.startswith(f"{own} (") for name in names)
            names.append(f"{own} ({count + 1})" if count else own)
        return tuple(names)


def restored_test(protocol: str, restorer: str) -> str:
    """What the test is called in which blurred photos are restored."""
    return f"{protocol} > {restorer}"


def settings_as_values(settings: RecognitionSettings) -> dict[str, Any]:
    """Everything that decides the numbers, but for the networks, as plain values."""
    values = {name: _plain(value) for name, value in asdict(settings).items()}
    del values["max_pixels"]
    return values


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Path) else value
