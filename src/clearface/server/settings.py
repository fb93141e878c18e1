"""What a server was told."""

from dataclasses import dataclass, field
from pathlib import Path

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class UploadLimits:
    """What is refused before it is decoded."""

    bytes: int = 32 * MEBIBYTE
    """Of one photo."""

    request_bytes: int = 256 * MEBIBYTE
    """Of all photos of one request."""

    files: int = 50
    """Photos of one request."""

    pixels: int = 64_000_000
    """Width times height times frames."""

    frames: int = 200


@dataclass(frozen=True)
class WorkBounds:
    """What work on one photo may take."""

    read_seconds: float = 30.0
    """To decode it."""

    seconds: float = 300.0
    """In all."""

    memory: int = 4096 * MEBIBYTE
    """In bytes, beyond what the networks take; only where the system can bound it (Linux)."""


@dataclass(frozen=True)
class OfferedNetwork:
    """An ONNX network of the host's that people may choose by name."""

    name: str
    path: Path
    preset: str | None = None


@dataclass(frozen=True)
class OfferedGallery:
    """The gallery of the host's whose people are named, as `clearface identify` is told it."""

    place: str
    embedder: str | None = None
    embedder_model: Path | None = None
    embedder_preset: str | None = None
    error_table: Path | None = None


@dataclass(frozen=True)
class ServerSettings:
    """Everything `clearface serve` can be told."""

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    """What every request to the API has to bring; None lets everyone in."""

    allowed_hosts: tuple[str, ...] = ()
    """Names the server is reached by, besides `host` and, on loopback, localhost; `*` is any."""

    allowed_origins: tuple[str, ...] = ()
    """Origins of other sites whose pages may use the API; without, none may."""

    trusted_proxies: int = 0
    """How many proxies before the server are believed what they say of the client."""

    limits: UploadLimits = field(default_factory=UploadLimits)
    bounds: WorkBounds = field(default_factory=WorkBounds)
    networks: tuple[OfferedNetwork, ...] = ()
    gallery: OfferedGallery | None = None
    """Whose people are named; None names nobody, and says so."""

    workers: int | None = None
    """Processes that restore; None for half the cores, at least one and at most four."""

    queue_length: int = 64
    """Photos that may wait; with more, the answer is 429."""

    keep_seconds: float = 900.0
    """How long results wait to be fetched."""

    requests_a_minute: int = 600
    """Of one client to the API, those that ask for work; 0 for any number."""

    folder: Path | None = None
    """Where uploads and results lie while they are needed; None for the system's temporary folder."""

    queue_url: str | None = None
    """redis:// or rediss:// of a queue that `clearface worker` serves; None works in this very server."""

    store: str | None = None
    """With a queue: a folder all machines share, or s3://bucket/prefix."""
