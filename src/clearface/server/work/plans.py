"""What an order means: the options of clearface it stands for."""

from dataclasses import replace
from typing import get_args

from clearface.batch import PhotoOptions
from clearface.choosing import FaceChoice, parse_pick, parse_rectangle
from clearface.detectors.registry import DETECTORS, DetectorOptions
from clearface.detectors.selection import FaceSelection
from clearface.errors import UsageError
from clearface.extras import Extras
from clearface.hiding import HideStyle
from clearface.photos.encode import Gps, Metadata
from clearface.photos.kinds import KINDS
from clearface.photos.source import PhotoLimits
from clearface.recognition.deciding import DecisionRule
from clearface.recognition.identify import TOP, Restoring
from clearface.recognition.identify_opening import IdentifyOptions
from clearface.registry import checked_entry
from clearface.restorers.registry import DEFAULT_RESTORER, RESTORERS, RestorerOptions
from clearface.server.offers import NETWORK_RESTORER, offered_modes, offered_restorers
from clearface.server.orders import PhotoTask, Task
from clearface.server.settings import OfferedNetwork, UploadLimits
from clearface.suggestions import did_you_mean, one_of

NOBODY_KNOWN = "this server knows nobody: its host has to start it with a gallery (clearface serve --gallery PLACE)"
"""Why nobody is named."""


def check_task(task: PhotoTask, networks: tuple[OfferedNetwork, ...]) -> None:
    """Raises UsageError where no photo could be worked on so, whatever it shows. Nothing is built."""
    kind_of_result(task)
    selection(task)
    one_of("metadata", task.metadata, get_args(Metadata))
    checked_entry("detector", DETECTORS, detector_name(task), detector_options(task))
    if task.task is Task.HIDE:
        hide_style(task)
        face_choice(task)
    if task.task is Task.IDENTIFY:
        identify_options(task)
    if task.task is Task.RESTORE:
        name, options = restorer(task, networks)
        checked_entry("restorer", RESTORERS, name, options)
        if task.aligned and (
            task.largest or task.centre or task.min_size or task.threshold is not None or task.detector
        ):
            raise UsageError(
                "aligned looks for no faces, so the options that choose among them do nothing: leave them out"
            )


def restorer(task: PhotoTask, networks: tuple[OfferedNetwork, ...]) -> tuple[str, RestorerOptions]:
    """The name in the registry, and its options. Raises UsageError for a name that is not offered."""
    options = RestorerOptions(
        point_spread_function=task.psf,
        iterations=task.iterations,
        total_variation=task.tv,
        linear_light=task.linear_light,
        balance=task.balance,
        fidelity=task.fidelity,
        restore_anyway=task.restore_anyway or None,
    )
    name = (task.restorer or DEFAULT_RESTORER).lower()
    for network in networks:
        if network.name.lower() == name:
            return NETWORK_RESTORER, replace(options, model=network.path, preset=network.preset)
    offered = [offer.name for offer in offered_restorers(networks)]
    if name not in offered:
        raise UsageError(f'there is no restorer "{task.restorer}": {did_you_mean(name, offered)}')
    return name, options


def detector_name(task: PhotoTask) -> str:
    """The name in the registry."""
    return (task.detector or DETECTORS[0].name).lower()


def detector_options(task: PhotoTask) -> DetectorOptions:
    """How faces are found."""
    return DetectorOptions(threshold=task.threshold)


def selection(task: PhotoTask) -> FaceSelection:
    """Which faces are meant. Raises UsageError where none could be."""
    return FaceSelection(task.min_size, task.largest, task.centre)


def hide_style(task: PhotoTask) -> HideStyle:
    """How faces are hidden. Raises UsageError for a way that is not offered, and for values that cannot be."""
    usual = HideStyle()
    mode = (task.mode or usual.mode).lower()
    if mode not in offered_modes():
        raise UsageError(f'there is no mode "{task.mode}": {did_you_mean(mode, offered_modes())}')
    return HideStyle(
        mode,
        usual.shape if task.shape is None else task.shape.lower(),
        usual.scale if task.scale is None else task.scale,
        usual.feather if task.feather is None else task.feather,
        task.strength,
        task.colour,
    )


def identify_options(task: PhotoTask) -> IdentifyOptions:
    """How people are recognized; who is known, and by what, is the host's to say. Raises UsageError for what cannot be."""
    usual = DecisionRule()
    rule = DecisionRule(
        usual.method if task.method is None else task.method,
        task.k,
        task.weights,
        usual.false_match_rate if task.false_match_rate is None else task.false_match_rate,
    )
    restore = Restoring.BOTH if task.restore is None else one_of("restore", task.restore, Restoring)
    return IdentifyOptions(rule=rule, restore=restore, top=TOP if task.top is None else task.top)


def face_choice(task: PhotoTask) -> FaceChoice:
    """Which faces are hidden. Raises UsageError for nonsense."""
    keep, only, also = (_parts(text) for text in (task.keep, task.only, task.also))
    return FaceChoice(tuple(map(parse_pick, keep)), tuple(map(parse_pick, only)), tuple(map(parse_rectangle, also)))


def _parts(text: str | None) -> list[str]:
    return [part for part in (text or "").split(";") if part.strip()]


def photo_limits(limits: UploadLimits) -> PhotoLimits:
    """What the decoders refuse. Nobody who uploads a photo can raise it, so no option is named."""
    return PhotoLimits(max_pixels=limits.pixels, max_frames=limits.frames, remedy=None)


def photo_options(task: PhotoTask, limits: UploadLimits) -> PhotoOptions:
    """How the photo is read, restored and written."""
    extras = Extras(task.save_crops, task.save_comparison, task.save_boxes, task.kernel, task.confidence)
    return PhotoOptions(
        aligned=task.aligned,
        jpeg_quality=task.quality,
        metadata=one_of("metadata", task.metadata, get_args(Metadata)),
        limits=photo_limits(limits),
        extras=extras,
        check=task.check,
        gps=_gps(task),
    )


def _gps(task: PhotoTask) -> Gps | None:
    return "keep" if task.keep_gps else None


def kind_of_result(task: PhotoTask) -> str | None:
    """A key of `photos.kinds.KINDS`; None for the photo's own. Raises UsageError for a word that names none."""
    if task.format is None:
        return None
    word = task.format.lower().lstrip(".")
    for name, kind in KINDS.items():
        if word == kind.label.lower() or f".{word}" in kind.extensions:
            return name
    raise UsageError(
        f'there is no format "{task.format}": {did_you_mean(word, [kind.label.lower() for kind in KINDS.values()])}'
    )
