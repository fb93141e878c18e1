"""What can be asked of preparing a set."""

from dataclasses import dataclass
from pathlib import Path

from clearface.errors import UsageError
from clearface.masks import MASK_SCHEMES
from clearface.suggestions import did_you_mean


@dataclass(frozen=True)
class PrepareOptions:
    """How photos become a training set. Raises UsageError for a value that cannot be meant."""

    masks: Path | None = None
    """Folder of masks; each belongs to the photo with its name, whatever the extension."""

    scheme: str = "celebamask-hq"
    """Which values the masks hold, a key of `MASK_SCHEMES`."""

    parser: Path | None = None
    """ONNX network that reads masks off the faces that have none."""

    largest_only: bool = False
    """Take one face from each photo, the largest."""

    threshold: float = 0.5
    """Least score of a face; sharp ones score 0.8 and more."""

    held_back: int = 0
    """How many faces, drawn at random, training never sees."""

    seed: int = 0
    """Decides which faces are held back."""

    shard: int = 1000
    """Most faces in one file."""

    jobs: int = 1
    """How many photos are worked on at a time, each by a process of its own."""

    def __post_init__(self) -> None:
        if self.scheme not in MASK_SCHEMES:
            raise UsageError(
                f"no masks are known by the name of {self.scheme}: {did_you_mean(self.scheme, MASK_SCHEMES)}"
            )
        if not 0 < self.threshold <= 1:
            raise UsageError(f"the threshold of a detector lies above 0 and at most at 1, not at {self.threshold}")
        if self.held_back < 0 or self.seed < 0:
            raise UsageError("how many faces are held back and the seed are numbers from 0 up")
        if self.shard < 1 or self.jobs < 1:
            raise UsageError("the faces in a file and the photos worked on at a time are numbers from 1 up")


def parsing_network(word: str) -> Path | None:
    """What labels faces without a mask: `shipped` for the mask generator clearface ships, `none`, or an ONNX file."""
    if word == "none":
        return None
    if word == "shipped":
        from clearface.restorers.smfd.description import READER_FILE
        from clearface.weights import weight_path

        return weight_path(READER_FILE)
    return Path(word)
