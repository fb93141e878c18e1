"""What was handed in, as it lies in the store."""

from dataclasses import dataclass
from datetime import datetime

from clearface.server.orders import PhotoTask


@dataclass(frozen=True)
class Manifest:
    """A job."""

    task: PhotoTask
    created: str
    """ISO 8601, UTC."""

    names: tuple[str, ...]
    """Of its photos."""

    @property
    def created_at(self) -> datetime:
        return datetime.fromisoformat(self.created)


@dataclass(frozen=True)
class End:
    """When a job was over."""

    at: str
    """ISO 8601, UTC."""
