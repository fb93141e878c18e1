"""Everything that decides what the trained embedder becomes."""

from dataclasses import dataclass, field

from clearface.degrade.plans import DegradationMix
from clearface.errors import UsageError
from clearface.nets.fusion_embedder import FusionEmbedderConfig
from clearface.train.engine.loop import Cadence, LoopRecipe, OptimizerRecipe
from clearface.train.engine.schedules import Schedule


@dataclass(frozen=True)
class LessonRecipe:
    """What is made of a prepared set once, before the embedder learns."""

    square: int = 160
    """Side in pixels at which FFHQ squares are kept, with their surroundings."""

    restored: float = 0.3
    """Share of the faces that are blurred and restored beforehand too."""

    restored_size: int = 128
    """Side of the squares they are restored at."""

    def __post_init__(self) -> None:
        if self.square < 32 or self.square % 2 or self.restored_size < 32 or self.restored_size % 16:
            raise UsageError("square is even and 32 or more, restored_size a multiple of 16 from 32 up")
        if not 0 <= self.restored <= 1:
            raise UsageError("restored is a share from 0 to 1")


@dataclass(frozen=True)
class AppearanceRecipe:
    """How a face is changed without becoming another person. Shares are chances for each sample."""

    blurred: float = 0.5
    """Share of samples degraded by `mix`; the rest is sharp or was restored."""

    shown_restored: float = 0.15
    """Share of samples that show a face that was blurred and restored, of faces that have one."""

    mix: DegradationMix = field(default_factory=DegradationMix)
    """In pixels of a 128 pixel face."""

    taps: int = 41
    """Side of the kernels at 128 pixels; odd."""

    kernels: int = 6000
    fields: int = 200

    shift: float = 0.03
    """Standard deviation of the place of the face, in sides of the chip."""

    scale: float = 0.05
    """Standard deviation of its size, as a logarithm."""

    tilt: float = 4.0
    """Standard deviation of its angle, in degrees."""

    mirrored: float = 0.5
    grey: float = 0.3
    """Share of samples without colour."""

    contrast: float = 0.25
    """Standard deviation of the logarithm of contrast and of gamma."""

    brightness: float = 0.1
    """Standard deviation of what is added, 1 being white."""

    tinted: float = 0.08
    """Standard deviation of the logarithm of the gain of each colour."""

    lit: float = 0.3
    """Share of samples lit from a side."""

    steepest: float = 0.8
    """The most that light falls off from one side to the other, as a logarithm."""

    covered: float = 0.15
    """Share of samples with a rectangle covered."""

    coarse: float = 0.25
    """Share of samples that lose resolution before they are cut out."""

    coarsest: float = 4.0
    """How many times smaller those become, at most."""


@dataclass(frozen=True)
class DistillationRecipe(LoopRecipe):
    """The loop, and what is lessened: the distance to the teacher's vector, and another order of who is like whom."""

    steps: int = 4000
    batch: int = 64
    optimizer: OptimizerRecipe = field(
        default_factory=lambda: OptimizerRecipe(learning_rate=2e-3, betas=(0.9, 0.99), weight_decay=2e-2, clip=5.0)
    )
    schedule: Schedule = field(default_factory=lambda: Schedule("cosine", warm_up=150))
    average: float = 0.995

    likeness_weight: float = 0.3
    """Weight of the divergence between whom teacher and student take a face for, among all faces of the set."""

    temperature: float = 0.08
    """By which cosines are divided there."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.likeness_weight < 0 or self.temperature <= 0:
            raise UsageError("likeness_weight is not below 0, temperature above")


@dataclass(frozen=True)
class EmbedderRecipe:
    """All of it."""

    seed: int = 1
    network: FusionEmbedderConfig = field(default_factory=FusionEmbedderConfig)
    lessons: LessonRecipe = field(default_factory=LessonRecipe)
    appearance: AppearanceRecipe = field(default_factory=AppearanceRecipe)
    distillation: DistillationRecipe = field(default_factory=DistillationRecipe)
    cadence: Cadence = field(default_factory=lambda: Cadence(log=50, validation=250, checkpoint=250))
    validation_faces: int = 256
    """Held-back faces that figures are measured on, the first so many."""

    def __post_init__(self) -> None:
        if self.seed < 0 or self.validation_faces < 2:
            raise UsageError("a seed is a whole number, 0 or more, and validation_faces is 2 or more")
