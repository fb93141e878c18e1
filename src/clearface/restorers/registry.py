"""The restorers by name. Nothing heavy is imported before one is built."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clearface.errors import UsageError
from clearface.registry import RegistryEntry, build_by_name
from clearface.restorers.base import Restorer

if TYPE_CHECKING:
    from clearface.restorers.blur_source import BlurSource

DEFAULT_RESTORER = "smfd"
"""What is used unless another is asked for."""


@dataclass(frozen=True)
class RestorerOptions:
    """Everything a restorer can be told; None leaves it to the restorer."""

    point_spread_function: str | None = None
    """The blur to undo, as `clearface.point_spread.parse` reads it, or `estimated` for each face's own."""

    iterations: int | None = None
    total_variation: float | None = None
    linear_light: bool | None = None
    balance: float | None = None
    model: Path | None = None
    """An ONNX file."""

    preset: str | None = None
    """What kind of network that is: one of `clearface.restorers.presets.PRESETS`."""

    fidelity: float | None = None
    """0 to 1, for a network that has a choice between detail and faithfulness."""

    restore_anyway: bool | None = None
    """Faces too, for better or worse, that the network finds sharp already or too far gone."""

    blur_source: "BlurSource | None" = None
    """Says how each face is blurred, in place of the point spread function."""


RestorerEntry = RegistryEntry[RestorerOptions, Restorer]
"""One restorer as it is listed."""


def build_restorer(name: str, options: RestorerOptions | None = None) -> Restorer:
    """The restorer of that name.

    Raises UsageError for an unknown name or an option the restorer does not use or cannot read, ModelError for a network that
    does not load.
    """
    return build_by_name("restorer", RESTORERS, name, options or RestorerOptions())


def _build_smfd(options: RestorerOptions) -> Restorer:
    from clearface.restorers.smfd.smfd import DEFAULT_FIDELITY, Smfd

    fidelity = DEFAULT_FIDELITY if options.fidelity is None else options.fidelity
    return Smfd(fidelity=fidelity, restore_anyway=bool(options.restore_anyway))


def _build_richardson_lucy(options: RestorerOptions) -> Restorer:
    from clearface.restorers.richardson_lucy import RichardsonLucy, RichardsonLucyOptions

    defaults = RichardsonLucyOptions()
    linear_light = defaults.linear_light if options.linear_light is None else options.linear_light
    settings = RichardsonLucyOptions(
        defaults.point_spread_function,
        defaults.iterations if options.iterations is None else options.iterations,
        defaults.total_variation if options.total_variation is None else options.total_variation,
        linear_light,
    )
    return RichardsonLucy(settings, _blur_source(options, linear_light))


def _build_wiener(options: RestorerOptions) -> Restorer:
    from clearface.restorers.wiener import DEFAULT_BALANCE, Wiener

    balance = DEFAULT_BALANCE if options.balance is None else options.balance
    return Wiener(balance=balance, blur=_blur_source(options))


def _build_unsupervised_wiener(options: RestorerOptions) -> Restorer:
    from clearface.restorers.wiener import UnsupervisedWiener

    return UnsupervisedWiener(blur=_blur_source(options))


def _blur_source(options: RestorerOptions, linear_light: bool = False) -> "BlurSource | None":
    """Where the blur to undo is taken from; None for the restorer's own."""
    from clearface import point_spread
    from clearface.restorers.blur_source import ESTIMATED, EstimatedBlur, KnownBlur

    text = options.point_spread_function
    if text is None or options.blur_source is not None:
        return options.blur_source
    if text.strip().lower() != ESTIMATED:
        return KnownBlur(point_spread.parse(text), linear_light)
    from clearface.restorers.smfd.estimator import BlurEstimator

    return EstimatedBlur(BlurEstimator.from_folder(), linear_light)


def _build_onnx(options: RestorerOptions) -> Restorer:
    from clearface.restorers.onnx_network import OnnxNetwork
    from clearface.restorers.presets import find_preset

    if options.model is None:
        raise UsageError("the restorer onnx needs a model: the path of an ONNX file")
    preset = None if options.preset is None else find_preset(options.preset)
    return OnnxNetwork(options.model, preset, options.fidelity)


def _build_identity(options: RestorerOptions) -> Restorer:
    from clearface.restorers.identity import Identity

    return Identity()


RESTORERS: tuple[RestorerEntry, ...] = (
    RestorerEntry(
        "smfd",
        "clearface's own networks: name each face's blur, undo it, repair the rest",
        ("fidelity", "restore_anyway"),
        _build_smfd,
    ),
    RestorerEntry(
        "richardson-lucy",
        "deconvolution of a known blur, step by step",
        ("point_spread_function", "iterations", "total_variation", "linear_light", "blur_source"),
        _build_richardson_lucy,
    ),
    RestorerEntry(
        "wiener",
        "deconvolution of a known blur in one step",
        ("point_spread_function", "balance", "blur_source"),
        _build_wiener,
    ),
    RestorerEntry(
        "unsupervised-wiener",
        "deconvolution of a known blur that finds its own balance; slow",
        ("point_spread_function", "blur_source"),
        _build_unsupervised_wiener,
    ),
    RestorerEntry(
        "onnx",
        "any network in an ONNX file: GFPGAN, CodeFormer, RestoreFormer++, GPEN, your own",
        ("model", "preset", "fidelity"),
        _build_onnx,
    ),
    RestorerEntry("identity", "no restoration, to compare with", (), _build_identity),
)
"""In the order they are listed."""
