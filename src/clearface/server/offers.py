"""What people may choose from."""

from dataclasses import dataclass
from importlib.util import find_spec

from clearface.detectors.registry import DETECTORS
from clearface.hiders.registry import HIDERS
from clearface.photos.kinds import KINDS
from clearface.restorers.presets import PRESETS
from clearface.restorers.registry import DEFAULT_RESTORER, RESTORERS
from clearface.server.settings import OfferedNetwork

_OPTION_NAMES = {"point_spread_function": "psf", "total_variation": "tv"}
"""What the command line and the API call options that have another name inside."""

_OF_THE_HOST = frozenset({"model", "preset", "blur_source"})
"""Nothing a client may set: files of the host's, and objects of Python's."""

_NEEDED = {"mtcnn": "mtcnn"}
"""The package a detector needs."""

_DETECTORS_WITH_FILES = frozenset({"yunet"})
_MODES_NOT_OFFERED = frozenset({"picture", "none"})
NETWORK_RESTORER = "onnx"
"""Takes a path of the host's, so people choose among the networks the host offers by name."""


@dataclass(frozen=True)
class OfferedRestorer:
    """A restorer as it is offered."""

    name: str
    summary: str
    default: bool
    takes: tuple[str, ...]
    """Names of options."""


@dataclass(frozen=True)
class OfferedDetector:
    """A detector as it is offered."""

    name: str
    summary: str


def offered_restorers(networks: tuple[OfferedNetwork, ...]) -> tuple[OfferedRestorer, ...]:
    """Those of clearface that need no file of one's own, then the host's networks, by the names the host gave them."""
    own = tuple(
        OfferedRestorer(
            entry.name,
            entry.summary,
            entry.name == DEFAULT_RESTORER,
            tuple(_OPTION_NAMES.get(name, name) for name in entry.takes if name not in _OF_THE_HOST),
        )
        for entry in RESTORERS
        if entry.name != NETWORK_RESTORER
    )
    hosts = tuple(
        OfferedRestorer(network.name, "a network of this server's host", False, _network_takes(network))
        for network in networks
    )
    return own + hosts


def offered_detectors() -> tuple[OfferedDetector, ...]:
    """Those that are installed and need no file of one's own."""
    return tuple(
        OfferedDetector(entry.name, entry.summary)
        for entry in DETECTORS
        if entry.name not in _DETECTORS_WITH_FILES and _installed(_NEEDED.get(entry.name))
    )


def offered_modes() -> tuple[str, ...]:
    """Ways to hide a face that need no file of one's own, and hide it."""
    return tuple(entry.name for entry in HIDERS if entry.name not in _MODES_NOT_OFFERED)


def offered_kinds() -> tuple[str, ...]:
    """Keys of `photos.kinds.KINDS` that can be read and written here."""
    return tuple(name for name in KINDS if name != "HEIF" or _installed("pillow_heif"))


def offered_formats() -> tuple[str, ...]:
    """Words for the kind of a result: the usual extension of each kind, and what people call it."""
    kinds = [KINDS[name] for name in offered_kinds()]
    return tuple(dict.fromkeys(word for kind in kinds for word in (kind.extensions[0][1:], kind.label.lower())))


def _network_takes(network: OfferedNetwork) -> tuple[str, ...]:
    preset = next((preset for preset in PRESETS if preset.name == (network.preset or "").lower()), None)
    fixed = preset is not None and preset.weight is None
    return () if fixed else ("fidelity",)


def _installed(package: str | None) -> bool:
    return package is None or find_spec(package) is not None
