"""Everything that decides what the trained networks become."""

from dataclasses import dataclass, field

from clearface.degrade.plans import DegradationMix
from clearface.errors import UsageError
from clearface.nets.deblurring_unet import DeblurringUNetConfig
from clearface.nets.discriminators import PatchDiscriminatorConfig
from clearface.nets.filtering import FilterConfig
from clearface.nets.kernel_estimator import KernelEstimatorConfig
from clearface.nets.mask_generator import MaskGeneratorConfig
from clearface.train.engine.loop import Cadence, LoopRecipe, OptimizerRecipe
from clearface.train.engine.schedules import Schedule


@dataclass(frozen=True)
class NetworksRecipe:
    """The shapes of the networks."""

    mask_generator: MaskGeneratorConfig = field(default_factory=MaskGeneratorConfig)
    kernel_estimator: KernelEstimatorConfig = field(default_factory=KernelEstimatorConfig)
    filter: FilterConfig = field(default_factory=FilterConfig)
    deblurring_unet: DeblurringUNetConfig = field(default_factory=DeblurringUNetConfig)


@dataclass(frozen=True)
class DegradationRecipe:
    """How sharp faces are made into blurred ones."""

    mix: DegradationMix = field(default_factory=DegradationMix)
    """In pixels of a 128 pixel face; lengths grow with the working size."""

    taps: int = 41
    """Side of the kernels at 128 pixels; odd."""

    kernels: int = 10_000
    """Made once for each working size, drawn from in training."""

    fields: int = 500
    """The same of blurs that vary over the face."""

    mirrored: float = 0.5
    """Share of faces mirrored beyond their edges before they are blurred, as a tight crop is when it is restored; the others are
    blurred together with what surrounds them."""

    def __post_init__(self) -> None:
        if self.taps < 3 or self.taps % 2 == 0:
            raise UsageError("taps is odd, and 3 or more")
        if self.kernels < 1 or self.fields < 0 or not 0 <= self.mirrored <= 1:
            raise UsageError("kernels is 1 or more, fields 0 or more, and mirrored a share from 0 to 1")


@dataclass(frozen=True)
class StageRecipe(LoopRecipe):
    """A stage: the loop, and what it is shown."""

    sizes: tuple[int, ...] = (128,)
    """Working sizes in pixels, multiples of 16, of which each step draws one for all its faces; one named twice is drawn twice
    as often."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.sizes or any(size < 32 or size % 16 for size in self.sizes):
            raise UsageError("sizes are multiples of 16 from 32 up, at least one")


@dataclass(frozen=True)
class ParserRecipe(StageRecipe):
    """The mask generator, on its two heads."""

    mask_weight: float = 0.05
    """Weight of the masks beside the guess."""


@dataclass(frozen=True)
class KernelRecipe(ParserRecipe):
    """The kernel estimator, and the mask generator whose guess it looks at."""

    reader_rate: float = 0.2
    """Learning rate of the mask generator as a multiple of the estimator's; 0 leaves it as it is."""

    guess_weight: float = 1.0
    """Weight of the guess and, times `mask_weight`, of the masks."""

    kernel_weight: float = 0.03
    certainty_weight: float = 0.02

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reader_rate < 0:
            raise UsageError("reader_rate is 0 or more")


@dataclass(frozen=True)
class RestoreRecipe(StageRecipe):
    """The deblurring U-Net together with the kernel estimator: the "faithful" weights."""

    estimator_rate: float = 0.3
    """Learning rate of the kernel estimator as a multiple of the U-Net's; 0 leaves it as it is."""

    structure_weight: float = 0.5
    """How much more eyes, brows, nose and mouth count than the rest of the face."""

    error_weight: float = 0.005
    """Weight of the likelihood of the stated error."""

    kernel_weight: float = 0.01
    certainty_weight: float = 0.02

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.estimator_rate < 0:
            raise UsageError("estimator_rate is 0 or more")


@dataclass(frozen=True)
class DetailRecipe(StageRecipe):
    """The deblurring U-Net against discriminators: the "detailed" weights."""

    discriminator: PatchDiscriminatorConfig = field(default_factory=PatchDiscriminatorConfig)
    local_discriminator: PatchDiscriminatorConfig = field(
        default_factory=lambda: PatchDiscriminatorConfig(channels=(32, 64))
    )
    discriminator_rate: float = 2.0
    """Learning rate of the discriminators as a multiple of the U-Net's."""

    patch_weight: float = 0.005
    """Weight of the discriminator of the whole face."""

    local_weight: float = 0.003
    """Weight of each of the discriminators of eyes and mouth."""

    eyes_side: float = 0.375
    """Side of the square around the eyes, in sides of the face."""

    mouth_side: float = 0.3125
    structure_weight: float = 0.5
    error_weight: float = 0.005

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0 < self.eyes_side <= 1 and 0 < self.mouth_side <= 1) or self.discriminator_rate <= 0:
            raise UsageError("eyes_side and mouth_side lie above 0 and at most at 1, discriminator_rate above 0")


@dataclass(frozen=True)
class ValidationRecipe:
    """What the figures of a run are measured on."""

    faces: int = 64
    """Held-back faces, the first so many."""

    size: int = 128
    pictures: int = 6
    """Of these faces, how many are shown in pictures."""

    def __post_init__(self) -> None:
        if self.faces < 1 or self.size < 32 or self.size % 16 or self.pictures < 0:
            raise UsageError("faces is 1 or more, size a multiple of 16 from 32 up, pictures 0 or more")


@dataclass(frozen=True)
class SmfdRecipe:
    """The stages in their order, and what they share."""

    seed: int = 1
    networks: NetworksRecipe = field(default_factory=NetworksRecipe)
    degradation: DegradationRecipe = field(default_factory=DegradationRecipe)
    cadence: Cadence = field(default_factory=Cadence)
    validation: ValidationRecipe = field(default_factory=ValidationRecipe)
    parser: ParserRecipe = field(default_factory=lambda: ParserRecipe(steps=12_000))
    kernel: KernelRecipe = field(
        default_factory=lambda: KernelRecipe(steps=12_000, optimizer=OptimizerRecipe(learning_rate=1.5e-3))
    )
    restore: RestoreRecipe = field(default_factory=lambda: RestoreRecipe(steps=30_000))
    detail: DetailRecipe = field(
        default_factory=lambda: DetailRecipe(
            steps=6_000,
            optimizer=OptimizerRecipe(learning_rate=1e-4, betas=(0.5, 0.99)),
            schedule=Schedule("plateau", warm_up=200, fall=1500),
        )
    )

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise UsageError("a seed is a whole number, 0 or more")
