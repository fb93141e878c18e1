"""What a face restoration network expects and answers, and how that is written down as JSON."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, get_type_hints

from clearface.errors import ModelError
from clearface.sessions import METADATA_KEY
from clearface.suggestions import did_you_mean

if TYPE_CHECKING:
    import onnxruntime

_TOO_LARGE = 1_000_000


@dataclass(frozen=True)
class NetworkDescription:
    """The signature of a network that takes a batch of aligned faces and answers with sharp ones.

    As JSON, in `model.json` beside `model.onnx` or under the key `clearface` of the file's metadata: an object with
    these fields, each of which may be left out.
    """

    name: str = "onnx"

    size: int | None = None
    """Side of the square it takes; None for any multiple of `stride`."""

    stride: int = 16

    low: float = 0.0
    """What black is for the network, in and out."""

    high: float = 1.0
    """What white is for the network, in and out."""

    channel_order: str = "rgb"
    """`rgb` or `bgr`."""

    layout: str = "nchw"
    """`nchw` for `(N, 3, S, S)`, `nhwc` for `(N, S, S, 3)`."""

    input_name: str | None = None
    """Of the faces; None for the only four-dimensional input."""

    output_name: str | None = None
    """Of the sharp faces; None for the first output."""

    weight_input: str | None = None
    """Of the number in [0, 1] that says how faithful to stay; None for the only other input, if there is one."""

    weight: float | None = None
    """That number, unless another is asked for."""

    confidence_output: str | None = None
    """Of the map `(N, 1, S, S)` or `(N, S, S)` in [0, 1]; None if there is none."""

    batch: bool = True
    """Whether several faces go through at once."""


def read_description(text: str, source: str) -> NetworkDescription:
    """A description from its JSON. `source` begins the sentence of the ModelError raised where it is wrong."""
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise ModelError(f"{source}: not valid JSON ({error})") from error
    if not isinstance(fields, dict):
        raise ModelError(f"{source}: a network is described by a JSON object, not by a {type(fields).__name__}")
    known = get_type_hints(NetworkDescription)
    for key, value in fields.items():
        if key not in known:
            raise ModelError(f'{source}: "{key}" says nothing about a network: {did_you_mean(key, known)}')
        if not _is_of_type(value, known[key]):
            raise ModelError(f'{source}: "{key}" cannot be {json.dumps(value)}')
    description = NetworkDescription(**fields)
    problem = _problem(description)
    if problem:
        raise ModelError(f"{source}: {problem}")
    return description


def find_description(path: Path, session: "onnxruntime.InferenceSession") -> NetworkDescription | None:
    """What a JSON file beside an ONNX file says of it, or its own metadata; None where neither does. Raises ModelError."""
    beside = path.with_suffix(".json")
    if beside.is_file():
        try:
            text = beside.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(f"{beside}: cannot be read ({error})") from error
        return read_description(text, str(beside))
    metadata = session.get_modelmeta().custom_metadata_map
    return read_description(metadata[METADATA_KEY], f"{path}: its metadata") if METADATA_KEY in metadata else None


def _is_of_type(value: object, wanted: type | UnionType) -> bool:
    # To Python True is an int, and to JSON 1 is as good as 1.0.
    if isinstance(value, bool):
        return wanted is bool
    if isinstance(value, int):
        return abs(value) < _TOO_LARGE and (isinstance(value, wanted) or isinstance(1.0, wanted))
    return isinstance(value, wanted)


def _problem(description: NetworkDescription) -> str | None:
    if description.size is not None and description.size < 1:
        return f'"size" is positive, not {description.size}'
    if description.stride < 1:
        return f'"stride" is positive, not {description.stride}'
    if not (math.isfinite(description.low) and math.isfinite(description.high) and description.low < description.high):
        return f'"low" is below "high", not {description.low} against {description.high}'
    if description.channel_order not in ("rgb", "bgr"):
        return f'"channel_order" is "rgb" or "bgr", not "{description.channel_order}"'
    if description.layout not in ("nchw", "nhwc"):
        return f'"layout" is "nchw" or "nhwc", not "{description.layout}"'
    if description.weight is not None and not 0 <= description.weight <= 1:
        return f'"weight" lies in 0 to 1, not {description.weight}'
    return None
