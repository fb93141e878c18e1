"""Which gauges an evaluation uses."""

from pathlib import Path
from typing import TYPE_CHECKING

from clearface.detectors.registry import build_detector
from clearface.embedders.base import Embedder
from clearface.embedders.registry import EmbedderOptions, build_embedder
from clearface.evaluate.gauges.base import Gauge
from clearface.evaluate.gauges.detection import DetectionGauge
from clearface.evaluate.gauges.full_reference import FullReferenceGauge
from clearface.evaluate.gauges.honesty import HonestyGauge
from clearface.evaluate.gauges.identity import IdentityGauge
from clearface.evaluate.gauges.learned import LearnedGauge
from clearface.evaluate.gauges.learned_weights import LearnedWeights
from clearface.evaluate.gauges.no_reference import NoReferenceGauge
from clearface.evaluate.gauges.parsing import ParsingGauge
from clearface.evaluate.settings import GaugeSettings

if TYPE_CHECKING:
    from clearface.evaluate.metrics.inception import FaceFeatures


def build_gauges(settings: GaugeSettings, embedder: Embedder | None, has_truth: bool) -> tuple[Gauge, ...]:
    """In the order of their columns; those that compare with sharp twins only where there are some.

    Raises what their networks raise where a file is missing or wrong.
    """
    gauges: list[Gauge] = []
    if has_truth:
        gauges += [
            FullReferenceGauge(),
            LearnedGauge(LearnedWeights(settings.lpips_alex, settings.lpips_vgg)),
        ]
    gauges += [NoReferenceGauge(settings.niqe_model), DetectionGauge(settings.detectors)]
    if has_truth:
        gauges.append(ParsingGauge())
    if embedder is not None:
        gauges.append(IdentityGauge(embedder, build_detector("centerface")))
    return (*gauges, HonestyGauge())


def chosen_embedder(settings: GaugeSettings) -> Embedder | None:
    """The embedder that was asked for. Raises what `build_embedder` raises."""
    if settings.embedder is None:
        return None
    return build_embedder(settings.embedder, EmbedderOptions(settings.embedder_model))


def build_features(inception: Path | None) -> "FaceFeatures | None":
    """What FID compares, where its network is there. Raises ModelError where the file holds another."""
    if inception is None:
        return None
    from clearface.evaluate.metrics.inception import FaceFeatures

    return FaceFeatures(inception)
