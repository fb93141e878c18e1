"""The options of a task: what clients say, checked and in clearface's words."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args

from clearface import point_spread
from clearface.choosing import parse_pick, parse_rectangle
from clearface.detectors.registry import check_threshold
from clearface.detectors.selection import FaceSelection
from clearface.errors import UsageError
from clearface.hiders.cells import LEAST_STRENGTH
from clearface.hiders.shapes import Shape
from clearface.hiders.solid import read_colour
from clearface.hiding import FEATHERS, SCALES, HideStyle
from clearface.photos.encode import EncodeOptions, Metadata
from clearface.recognition.deciding import DecisionRule, Method, Weights
from clearface.recognition.identify import Restoring
from clearface.recognition.identify_opening import IdentifyOptions
from clearface.restorers.base import check_fidelity
from clearface.restorers.blur_source import ESTIMATED
from clearface.restorers.richardson_lucy import RichardsonLucyOptions
from clearface.restorers.wiener import Wiener
from clearface.server.http.errors import ApiError
from clearface.server.http.names import clean_text
from clearface.server.http.option_kinds import Kind, Option
from clearface.server.offers import offered_detectors, offered_formats, offered_modes, offered_restorers
from clearface.server.orders import PhotoTask, Task
from clearface.server.settings import OfferedNetwork
from clearface.suggestions import did_you_mean, one_of

_DETECT_OPTIONS = ("detector", "threshold", "min_size", "largest", "centre", "save_boxes", "format")
_IDENTIFY_OPTIONS = _DETECT_OPTIONS
_HIDE_OPTIONS = ("detector", "threshold", "min_size", "largest", "centre", "metadata", "quality", "format")
_LONGEST_SHOWN = 40
_LONGEST_TEXT = 100
_LONGEST_PICKS = 1000
_PICKS = "numbers and rectangles `left,top,right,bottom` in pixels, parted by `;`"
_PICK_BOUNDS = {"maxLength": _LONGEST_PICKS, "example": "2;40,30,80,80"}
_ABOVE_ZERO = {"minimum": 0, "exclusiveMinimum": True}

PICTURE_OPTIONS = ("save_crops", "save_comparison", "save_boxes", "confidence", "kernel", "check")
"""Those that only add to a result, and have no place in an answer that is the picture alone."""


@dataclass(frozen=True)
class OptionSet:
    """The options of one task, as this server offers them."""

    task: Task
    options: Mapping[str, Option]

    def read(self, given: Mapping[str, object], others: tuple[str, ...], form: bool) -> PhotoTask:
        """The task.

        others: what else may be given along with the options, for the sentence about a name that is unknown. form: values are
        text, as forms have them. Raises ApiError 422 that tells of each option that is wrong.
        """
        problems: dict[str, list[str]] = {}
        values: dict[str, Any] = {}
        for name, value in given.items():
            try:
                values[name] = self._option(name, others).read(value, form)
            except UsageError as error:
                problems[_shown(name)] = [str(error)]
        if problems:
            raise ApiError(422, _summary(problems), problems)
        return PhotoTask(self.task, **values)

    def _option(self, name: str, others: tuple[str, ...]) -> Option:
        """Raises UsageError."""
        option = self.options.get(name)
        if option is not None:
            return option
        if name in _ALL_NAMES:
            raise UsageError(
                f"{self.task.value} has no {name}, which is for {_OTHER_TASKS[name]}; it takes {', '.join(self.options)}"
            )
        if name in _OPTIONS_OF_THE_HOST:
            raise UsageError(
                f"{name} is for the host's own files, which nobody else can name: choose among what it offers"
            )
        known = [*self.options, *others]
        raise UsageError(f'there is no option "{_shown(name)}": {did_you_mean(_shown(name), known)}')


def option_sets(networks: tuple[OfferedNetwork, ...]) -> dict[Task, OptionSet]:
    """The options of every task. networks: the host's."""
    options = {option.name: option for option in (*_choosing(networks), *_restoring(), *_finding(), *_results())}
    hiding = {option.name: option for option in _hiding()}
    naming = {option.name: option for option in _naming()}
    return {
        Task.RESTORE: OptionSet(Task.RESTORE, options),
        Task.HIDE: OptionSet(Task.HIDE, hiding | {name: options[name] for name in _HIDE_OPTIONS}),
        Task.DETECT: OptionSet(Task.DETECT, {name: options[name] for name in _DETECT_OPTIONS}),
        Task.IDENTIFY: OptionSet(Task.IDENTIFY, naming | {name: options[name] for name in _IDENTIFY_OPTIONS}),
    }


def given_options(task: PhotoTask) -> dict[str, object]:
    """The options that are not as they would be without a word."""
    plain = PhotoTask(task.task)
    named = [field.name for field in fields(task) if field.name != "task"]
    return {name: getattr(task, name) for name in named if getattr(task, name) != getattr(plain, name)}


def check_psf(text: str) -> None:
    """Raises UsageError unless a text is `estimated` or writes a point spread function; no file is looked for."""
    if len(text) > _LONGEST_TEXT or clean_text(text) != text.strip():
        raise UsageError(f"a point spread function is written in at most {_LONGEST_TEXT} letters, digits and signs")
    if text.strip().lower() != ESTIMATED:
        point_spread.parse_written(text)


def _choosing(networks: tuple[OfferedNetwork, ...]) -> tuple[Option, ...]:
    """What there is to choose from by name."""
    restorers = tuple(restorer.name for restorer in offered_restorers(networks))
    detectors = tuple(detector.name for detector in offered_detectors())
    return (
        _choice("restorer", "What makes the faces sharp; see `restorers` of `GET /api/v1/about`.", restorers),
        _choice("detector", "What finds the faces; see `detectors` of `GET /api/v1/about`.", detectors),
        _choice("format", "Kind of the result; without, the photo's own.", offered_formats()),
        Option(
            "metadata",
            Kind.TEXT,
            "Keep or strip EXIF, XMP and comments.",
            lambda word: one_of("metadata", _shown(word), get_args(Metadata)),
            {"enum": list(get_args(Metadata))},
        ),
    )


def _restoring() -> tuple[Option, ...]:
    """How faces are made sharp."""
    return (
        Option(
            "psf",
            Kind.TEXT,
            "Blur to undo: `box:5`, `gaussian:2`, `motion:15,30`, `disc:4`, or `estimated` for each face's own.",
            check_psf,
            {"maxLength": _LONGEST_TEXT, "example": "motion:15,30"},
        ),
        Option(
            "iterations",
            Kind.WHOLE,
            "Rounds of Richardson-Lucy (30).",
            lambda rounds: RichardsonLucyOptions(iterations=rounds),
            {"minimum": 1, "maximum": 1000},
        ),
        Option(
            "tv",
            Kind.NUMBER,
            "Damping of Richardson-Lucy (0).",
            lambda weight: RichardsonLucyOptions(total_variation=weight),
            {"minimum": 0, "maximum": 0.25},
        ),
        Option("linear_light", Kind.SWITCH, "Richardson-Lucy on light instead of sRGB values."),
        Option(
            "balance",
            Kind.NUMBER,
            "Noise damping of the Wiener filter (0.01).",
            lambda balance: Wiener(balance=balance),
            _ABOVE_ZERO,
        ),
        Option(
            "fidelity",
            Kind.NUMBER,
            "0 (more detail) to 1 (more faithful), where the network can.",
            check_fidelity,
            {"minimum": 0, "maximum": 1},
        ),
        Option("restore_anyway", Kind.SWITCH, "Restore faces too that are sharp already or too far gone."),
    )


def _hiding() -> tuple[Option, ...]:
    """How faces are hidden, and which."""
    return (
        _choice("mode", "What faces are replaced by (blur).", offered_modes()),
        _choice("shape", "What is covered of a face (ellipse).", tuple(shape.value for shape in Shape)),
        Option(
            "scale",
            Kind.NUMBER,
            "Size of the shape, 1 being the face from hairline to chin (1.3).",
            lambda scale: HideStyle(scale=scale),
            {"minimum": SCALES[0], "maximum": SCALES[1]},
        ),
        Option(
            "feather",
            Kind.NUMBER,
            "How softly the shape ends, in parts of the face; 0 for a hard edge (0.1).",
            lambda feather: HideStyle(feather=feather),
            {"minimum": FEATHERS[0], "maximum": FEATHERS[1]},
        ),
        Option(
            "strength",
            Kind.NUMBER,
            "How coarse blur and mosaic are (1).",
            lambda strength: HideStyle(strength=strength),
            {"minimum": LEAST_STRENGTH},
        ),
        Option(
            "colour",
            Kind.TEXT,
            "For `solid`: a name or `#rrggbb` (black).",
            _check_colour,
            {"maxLength": _LONGEST_TEXT, "example": "#808080"},
        ),
        Option("keep", Kind.TEXT, f"Faces that are not hidden: {_PICKS}.", _check_picks, _PICK_BOUNDS),
        Option("only", Kind.TEXT, f"None but these faces are hidden: {_PICKS}.", _check_picks, _PICK_BOUNDS),
        Option(
            "also",
            Kind.TEXT,
            "Rectangles `left,top,right,bottom` that are hidden too, parted by `;`.",
            _check_rectangles,
            {"maxLength": _LONGEST_PICKS, "example": "40,30,80,80"},
        ),
        Option("rotations", Kind.SWITCH, "Look for faces in four quarter turns, which takes four times as long."),
        Option("keep_gps", Kind.SWITCH, "Keep where the photo was taken, which is dropped otherwise."),
    )


def _naming() -> tuple[Option, ...]:
    """How people are recognized."""
    return (
        _choice(
            "restore",
            "Recognize faces restored (first), as they are (never), or both, where two answers that disagree name nobody (both).",
            tuple(word.value for word in Restoring),
        ),
        Option(
            "top",
            Kind.WHOLE,
            "People told of each face at most (3); those tied are all told.",
            lambda top: IdentifyOptions(top=top),
            {"minimum": 1},
        ),
        Option(
            "false_match_rate",
            Kind.NUMBER,
            "Of strangers compared with a person, how many may be taken for that person (0.001).",
            lambda rate: DecisionRule(false_match_rate=rate),
            {**_ABOVE_ZERO, "maximum": 1, "exclusiveMaximum": True},
        ),
        _choice("method", "Nearest photos (knn) or the mean of each person (knn).", get_args(Method)),
        Option(
            "k", Kind.WHOLE, "Of knn: how many nearest photos decide (3).", lambda k: DecisionRule(k=k), {"minimum": 1}
        ),
        _choice("weights", "Of knn: how much each photo counts (distance).", get_args(Weights)),
    )


def _check_colour(text: str) -> None:
    _check_length(text, _LONGEST_TEXT)
    read_colour(text)


def _check_picks(text: str) -> None:
    _check_length(text, _LONGEST_PICKS)
    for part in filter(str.strip, text.split(";")):
        parse_pick(part)


def _check_rectangles(text: str) -> None:
    _check_length(text, _LONGEST_PICKS)
    for part in filter(str.strip, text.split(";")):
        parse_rectangle(part)


def _check_length(text: str, longest: int) -> None:
    """Raises UsageError for text too long, or not fit to be shown in a sentence."""
    if len(text) > longest or clean_text(text[:longest])[:_LONGEST_SHOWN] != text.strip()[:_LONGEST_SHOWN]:
        raise UsageError(f"this is written in at most {longest} letters, digits and signs")


def _finding() -> tuple[Option, ...]:
    """Which faces are meant."""
    return (
        Option(
            "threshold",
            Kind.NUMBER,
            "Least score at which something counts as a face (centerface 0.3).",
            check_threshold,
            {**_ABOVE_ZERO, "maximum": 1},
        ),
        Option(
            "min_size", Kind.NUMBER, "Leave out faces smaller than this many pixels.", FaceSelection, {"minimum": 0}
        ),
        Option("largest", Kind.SWITCH, "Only the largest face."),
        Option("centre", Kind.SWITCH, "Only the face nearest the centre."),
        Option("aligned", Kind.SWITCH, "The photo is a face crop already, of any size."),
    )


def _results() -> tuple[Option, ...]:
    """What is made of a photo."""
    return (
        Option(
            "quality",
            Kind.WHOLE,
            "Quality of the result where it is JPEG, WebP, AVIF or HEIC (95).",
            lambda quality: EncodeOptions("JPEG", quality),
            {"minimum": 1, "maximum": 100},
        ),
        Option("save_crops", Kind.SWITCH, "Also each face before and after."),
        Option("save_comparison", Kind.SWITCH, "Also before and after side by side."),
        Option("save_boxes", Kind.SWITCH, "Also the photo with its faces marked; of finding, that is the result."),
        Option("confidence", Kind.SWITCH, "Also the result with what is guessed marked on it."),
        Option("kernel", Kind.SWITCH, "Also the blur of each face as a picture; the report says what it was."),
        Option("check", Kind.SWITCH, "Blur each result again; the report says how well it explains the input, 0 to 1."),
    )


def _choice(name: str, told: str, choices: tuple[str, ...]) -> Option:
    """A word among some, in upper or lower case."""

    def check(word: str) -> None:
        if word.lower() not in {choice.lower() for choice in choices}:
            raise UsageError(f'there is no {name} "{_shown(word)}": {did_you_mean(_shown(word), choices)}')

    return Option(name, Kind.TEXT, told, check, {"enum": list(choices)})


def _summary(problems: Mapping[str, list[str]]) -> str:
    if len(problems) > 1:
        return f"{len(problems)} options are wrong: {', '.join(problems)}"
    return next(iter(problems.values()))[0]


def _shown(text: str) -> str:
    return clean_text(text)[:_LONGEST_SHOWN]


_ALL_NAMES = frozenset(field.name for field in fields(PhotoTask)) - {"task"}
_ONLY_HIDING = (
    "mode",
    "shape",
    "scale",
    "feather",
    "strength",
    "colour",
    "keep",
    "only",
    "also",
    "rotations",
    "keep_gps",
)
_ONLY_NAMING = ("restore", "top", "false_match_rate", "method", "k", "weights")
_OTHER_TASKS = {
    name: "hiding" if name in _ONLY_HIDING else "identifying" if name in _ONLY_NAMING else "restoring"
    for name in _ALL_NAMES
}
"""What the options are for that not every task has."""

_OPTIONS_OF_THE_HOST = frozenset(
    {
        "model",
        "preset",
        "detector_model",
        "picture",
        "gallery",
        "embedder",
        "embedder_model",
        "embedder_preset",
        "error_table",
    }
)
