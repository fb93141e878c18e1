"""The settings of an evaluation as they are written down."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from clearface import __version__
from clearface.evaluate.settings import EvaluationSettings
from clearface.weights import checksum, shipped_weights


def settings_record(settings: EvaluationSettings) -> dict[str, Any]:
    """Everything that decides the numbers as plain values, files with their checksums."""
    files = [
        settings.kernels,
        settings.gauges.embedder_model,
        settings.gauges.niqe_model,
        settings.gauges.lpips_alex,
        settings.gauges.lpips_vgg,
        settings.gauges.inception,
        *(method.options.model for method in settings.methods),
    ]
    record: dict[str, Any] = _plain(asdict(settings))
    del record["skip_broken"]  # what is left out is told by name; the numbers of the rest are the same
    record["checksums"] = {str(path): checksum(path) for path in files if path is not None and path.is_file()}
    record["weights"] = {weight.file: weight.sha256 for weight in shipped_weights()}
    record["clearface"] = __version__
    return record


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Path) else value
