"""The statistics of every parameter of the pipeline, against the grids it is declared with."""

import numpy as np
import pytest
import scipy.stats

from clearface.degrade.bank import make_bank
from clearface.degrade.blurs import KINDS, BlurMix, draw_blur
from clearface.degrade.fields import FieldMix, draw_field, tilted_grids, turning_grids
from clearface.degrade.grids import Grid
from clearface.degrade.plans import (
    CODECS,
    STEPS,
    SUBSAMPLINGS,
    DegradationMix,
    DegradationPlan,
    draw_plan,
)
from clearface.degrade.resampling import ENLARGING, REDUCING

COUNT = 40_000
KERNELS, FIELDS = 50, 10
MIX = DegradationMix()
LEAST_P = 1e-4
"""Fixed seeds: a test that passes goes on passing."""


@pytest.fixture(scope="module")
def plan() -> DegradationPlan:
    return draw_plan(np.random.default_rng(11), COUNT, KERNELS, FIELDS)


def check_even(drawn: np.ndarray, grid: Grid) -> None:
    """Every value of the grid as often as it is listed, and none besides."""
    values, weights = np.unique(grid, return_counts=True)
    found, counts = np.unique(drawn, return_counts=True)
    np.testing.assert_array_equal(found, values)
    assert scipy.stats.chisquare(counts, len(drawn) * weights / len(grid)).pvalue > LEAST_P


def check_share(chosen: np.ndarray, share: float) -> None:
    assert scipy.stats.binomtest(int(chosen.sum()), chosen.size, share).pvalue > LEAST_P


def test_which_blur(plan: DegradationPlan) -> None:
    none = (plan.kernel < 0) & (plan.varying < 0)
    check_share(none, MIX.unblurred)
    check_share(plan.varying >= 0, MIX.varying)
    assert not ((plan.kernel >= 0) & (plan.varying >= 0)).any()
    check_even(plan.kernel[plan.kernel >= 0], tuple(range(KERNELS)))
    check_even(plan.varying[plan.varying >= 0], tuple(range(FIELDS)))
    check_share(plan.linear_light, MIX.linear_light)
    nothing = none & ~plan.noisy & (plan.factor == 1) & (plan.codec < 0)
    also_idle = (1 - MIX.noisy) * (1 - MIX.reduced) * (1 - MIX.compressed)
    check_share(nothing[none], MIX.untouched + (1 - MIX.untouched) * also_idle)


def test_noise(plan: DegradationPlan) -> None:
    check_share(plan.noisy, MIX.noisy * (1 - MIX.unblurred * MIX.untouched))
    check_even(plan.read_noise, MIX.read_noise)
    check_even(plan.shot_noise, MIX.shot_noise)
    assert len(np.unique(plan.noise_seed)) == COUNT


def test_resolution(plan: DegradationPlan) -> None:
    check_share(plan.factor > 1, MIX.reduced * (1 - MIX.unblurred * MIX.untouched))
    check_even(plan.factor[plan.factor > 1], MIX.factors)
    assert min(MIX.factors) > 1
    assert max(MIX.factors) == 4
    check_even(plan.reducing, tuple(range(len(REDUCING))))
    check_even(plan.enlarging, tuple(range(len(ENLARGING))))
    check_share(plan.late, MIX.late)


def test_compression(plan: DegradationPlan) -> None:
    lossy = plan.codec >= 0
    check_share(lossy, MIX.compressed * (1 - MIX.unblurred * MIX.untouched))
    check_share(plan.codec[lossy] == CODECS.index("webp"), MIX.webp)
    check_even(plan.quality, MIX.qualities)
    check_even(plan.subsampling, tuple(range(len(SUBSAMPLINGS))))


def test_order(plan: DegradationPlan) -> None:
    codes = plan.order @ [64, 16, 4, 1]
    assert (np.sort(plan.order, 1) == np.arange(len(STEPS))).all()
    usual = int(np.arange(4) @ [64, 16, 4, 1])
    check_share(codes == usual, 1 - MIX.shuffled + MIX.shuffled / 24)
    _, counts = np.unique(codes[codes != usual], return_counts=True)
    assert len(counts) == 23
    assert scipy.stats.chisquare(counts).pvalue > LEAST_P


def test_parameters_do_not_hang_together(plan: DegradationPlan) -> None:
    columns = [
        plan.linear_light, plan.noisy, plan.read_noise, plan.shot_noise, plan.factor > 1, plan.reducing, plan.enlarging,
        plan.late, plan.codec >= 0, plan.quality, plan.subsampling, plan.order[:, 0],
    ]  # fmt: skip
    touched = plan.kernel >= 0
    related = np.corrcoef([column[touched].astype(float) for column in columns])
    np.fill_diagonal(related, 0)
    assert np.abs(related).max() < 0.03


def test_kinds_of_blur_and_their_parameters() -> None:
    generator, mix = np.random.default_rng(2), BlurMix()
    blurs = [draw_blur(generator, mix) for _ in range(16_000)]
    weights = {**{kind.name: getattr(mix, kind.name) for kind in KINDS}, "product": mix.product}
    for name, weight in weights.items():
        check_share(np.array([blur.kind == name for blur in blurs]), weight / sum(weights.values()))
    for kind in KINDS:
        own = [blur for blur in blurs if blur.kind == kind.name]
        for parameter, grid in kind.grids(mix):
            check_even(np.array([blur[parameter] for blur in own]), grid)
    pairs = {tuple(part.kind for part in blur.parts) for blur in blurs if blur.kind == "product"}
    assert pairs == {(motion, lens) for motion in ("shake", "line") for lens in ("gaussian", "disc")}


def test_kinds_of_field_and_their_parameters() -> None:
    generator, mix = np.random.default_rng(2), FieldMix()
    fields = [draw_field(generator, mix, BlurMix()) for _ in range(8_000)]
    check_share(np.array([field.kind == "turning" for field in fields]), mix.turning)
    for kind, grids in (("turning", turning_grids(mix, BlurMix())), ("tilted", tilted_grids(mix))):
        own = [field for field in fields if field.kind == kind]
        for parameter, grid in grids:
            check_even(np.array([field[parameter] for field in own]), grid)


def test_a_bank_without_fields_blurs_with_kernels() -> None:
    plan = draw_plan(np.random.default_rng(0), 500, KERNELS, 0)
    assert (plan.varying < 0).all()
    check_share(plan.kernel < 0, MIX.unblurred)
    with pytest.raises(ValueError, match="blurs nothing"):
        draw_plan(np.random.default_rng(0), 5, 0, 3)


def test_the_record_says_what_is_done() -> None:
    bank = make_bank(np.random.default_rng(0), KERNELS, 15, fields=FIELDS)
    plan = draw_plan(np.random.default_rng(3), 300, KERNELS, FIELDS)
    for index in range(300):
        record = {entry["step"]: entry for entry in plan.record(index, bank)}
        blurred = plan.kernel[index] >= 0 or plan.varying[index] >= 0
        assert ("blur" in record) == blurred
        assert ("noise" in record) == plan.noisy[index]
        assert ("reduce" in record) == (plan.factor[index] > 1)
        assert ("compress" in record) == (plan.codec[index] >= 0)
        assert list(record) == [STEPS[step] for step in plan.order[index] if STEPS[step] in record]
        if plan.varying[index] >= 0:
            assert record["blur"]["kernel"] == bank.words[KERNELS + plan.varying[index]]
        if plan.codec[index] == CODECS.index("webp"):
            assert "subsampling" not in record["compress"]
