"""What there is to choose from, told."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from clearface.detectors.registry import DETECTORS
from clearface.embedders.registry import DEFAULT_EMBEDDER, EMBEDDERS
from clearface.exit_codes import FAILED
from clearface.files.standard_output import Speaker, complain
from clearface.hiders.registry import DEFAULT_HIDER, HIDERS
from clearface.restorers.registry import DEFAULT_RESTORER, RESTORERS
from clearface.tracking.trackers import TRACKERS

if TYPE_CHECKING:
    from clearface.weights import ShippedWeights


def list_models(verify: bool, json_lines: bool) -> int:
    """Prints all there is to choose from, and the shipped networks. Returns 1 where `verify` finds a damaged file."""
    from clearface.weights import shipped_weights, verify_weight

    networks = [(weight, verify_weight(weight) if verify else None) for weight in shipped_weights()]
    speaker = Speaker(to_stdout=True)
    for line in _models_as_json(networks) if json_lines else _models_as_text(networks):
        speaker.say(line)
    damaged = [weight.file for weight, intact in networks if intact is False]
    if damaged:
        complain(f"damaged: {', '.join(damaged)}: install clearface again")
    if speaker.problem is not None:
        complain(speaker.problem)
    return FAILED if damaged or speaker.problem is not None else 0


def _models_as_json(networks: "list[tuple[ShippedWeights, bool | None]]") -> Iterator[str]:
    for entry in RESTORERS:
        yield json.dumps({"restorer": entry.name, "summary": entry.summary, "default": entry.name == DEFAULT_RESTORER})
    for detector in DETECTORS:
        yield json.dumps({"detector": detector.name, "summary": detector.summary})
    for hider in HIDERS:
        yield json.dumps({"hider": hider.name, "summary": hider.summary, "default": hider.name == DEFAULT_HIDER})
    for embedder in EMBEDDERS:
        told = {"embedder": embedder.name, "summary": embedder.summary, "default": embedder.name == DEFAULT_EMBEDDER}
        yield json.dumps(told)
    for tracker in TRACKERS:
        yield json.dumps({"tracker": tracker.name, "summary": tracker.summary})
    for weight, intact in networks:
        values = {
            "network": weight.file,
            "used_by": weight.name,
            "bytes": weight.bytes,
            "licence": weight.licence,
            "source": weight.source,
            "sha256": weight.sha256,
        }
        yield json.dumps(values if intact is None else values | {"intact": intact})


def _models_as_text(networks: "list[tuple[ShippedWeights, bool | None]]") -> Iterator[str]:
    yield "Restorers"
    for entry in RESTORERS:
        default = " (the default)" if entry.name == DEFAULT_RESTORER else ""
        yield f"  {entry.name:<20} {entry.summary}{default}"
    yield "\nDetectors"
    for detector in DETECTORS:
        yield f"  {detector.name:<20} {detector.summary}"
    yield "\nWays to hide"
    for hider in HIDERS:
        default = " (the default)" if hider.name == DEFAULT_HIDER else ""
        yield f"  {hider.name:<20} {hider.summary}{default}"
    yield "\nEmbedders"
    for embedder in EMBEDDERS:
        default = " (the default)" if embedder.name == DEFAULT_EMBEDDER else ""
        yield f"  {embedder.name:<20} {embedder.summary}{default}"
    yield "\nTrackers"
    for tracker in TRACKERS:
        yield f"  {tracker.name:<20} {tracker.summary}"
    yield "\nNetworks that ship with clearface"
    for weight, intact in networks:
        told = "" if intact is None else ("  intact" if intact else "  DAMAGED")
        yield f"  {weight.file:<20} {weight.bytes / 1e6:.1f} MB  {weight.licence}{told}"
        yield f"  {'':<20} {weight.summary}"
        yield f"  {'':<20} SHA-256 {weight.sha256}"
