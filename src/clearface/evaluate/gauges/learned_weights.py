"""Where the weights of learned metrics lie on this machine. Nothing is ever downloaded."""

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

from clearface.errors import ModelError
from clearface.files.explanations import shown

LPIPS_ALEX_LABEL = "LPIPS (alex)"
LPIPS_VGG_LABEL = "LPIPS (vgg)"
FID_LABEL = "FID"


@dataclass(frozen=True)
class LearnedWeights:
    """The files that are there."""

    alexnet: Path | None = None
    """torchvision's AlexNet, for LPIPS."""

    vgg16: Path | None = None
    """torchvision's VGG16, for LPIPS."""

    inception: Path | None = None
    """The Inception network of the FID paper as pytorch-fid has it."""

    unavailable: dict[str, str] = field(default_factory=dict)
    """By the label of a metric that cannot be measured: a sentence, without full stop, what it needs."""


@dataclass(frozen=True)
class _Wanted:
    label: str
    usual_file: str
    """The name it has in the cache when others download it, digits of its SHA-256 in it."""

    patterns: tuple[str, ...]
    """Names of the same network in the cache."""

    uses_heads: bool


_ALEXNET = _Wanted(LPIPS_ALEX_LABEL, "alexnet-owt-7be5be79.pth", ("alexnet-owt-*.pth",), uses_heads=True)
_VGG16 = _Wanted(LPIPS_VGG_LABEL, "vgg16-397923af.pth", ("vgg16-*.pth",), uses_heads=True)
_INCEPTION = _Wanted(
    FID_LABEL,
    "pt_inception-2015-12-05-6726825d.pth",
    ("pt_inception-2015-12-05-*.pth", "weights-inception-2015-12-05-*.pth"),
    uses_heads=False,
)


def learned_weights(
    alexnet: Path | None = None, vgg16: Path | None = None, inception: Path | None = None
) -> LearnedWeights:
    """The files named, and for those not named the ones in the cache of torch.hub.

    What is neither is in `unavailable`. Raises ModelError where a file that was named is not there.
    """
    unavailable: dict[str, str] = {}

    def find(named: Path | None, wanted: _Wanted) -> Path | None:
        if named is not None and not named.is_file():
            raise ModelError(f"{shown(named)}: there is no such file of weights")
        problem = _missing_package(wanted)
        path = None if problem else named or _in_cache(wanted)
        if path is None:
            unavailable[wanted.label] = problem or (
                f"needs the file {wanted.usual_file}: put it into {_shown_cache()}, or name it; clearface downloads nothing"
            )
        return path

    return LearnedWeights(find(alexnet, _ALEXNET), find(vgg16, _VGG16), find(inception, _INCEPTION), unavailable)


def _missing_package(wanted: _Wanted) -> str | None:
    if importlib.util.find_spec("torch") is None:
        return "needs PyTorch: install it with `pip install 'clearface[evaluate]'`"
    if wanted.uses_heads and importlib.util.find_spec("torchmetrics") is None:
        return "needs the linear heads that come with torchmetrics: install it with `pip install 'clearface[evaluate]'`"
    return None


def _cache() -> Path:
    from torch import hub

    return Path(hub.get_dir()) / "checkpoints"


def _shown_cache() -> str:
    """Without the name of whoever is at home here: results are passed on."""
    cache = _cache()
    return f"~/{cache.relative_to(Path.home()).as_posix()}" if cache.is_relative_to(Path.home()) else str(cache)


def _in_cache(wanted: _Wanted) -> Path | None:
    found = [path for pattern in wanted.patterns for path in sorted(_cache().glob(pattern)) if path.is_file()]
    usual = [path for path in found if path.name == wanted.usual_file]
    return next(iter(usual + found), None)
