"""The number of scenarios, against a count by enumeration."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations, product

from clearface.degrade.blurs import BlurMix
from clearface.degrade.counting import count_scenarios
from clearface.degrade.fields import FieldMix
from clearface.degrade.plans import DegradationMix

SMALL_BLURS = BlurMix(
    shake_sizes=(5.0, 7.0),
    exposures=(0.5, 1.0),
    levels=(0.5,),
    lingering=(0.0,),
    directions=(0.0, 90.0),
    line_lengths=(3.0, 5.0, 7.0),
    angles=(0.0, 90.0),
    sigmas=(1.0, 2.0),
    ratios=(1.0, 1.0, 0.5),
    radii=(1.0,),
    softness=(1.0, 2.0),
    sides=(3.0, 5.0),
    spline_sizes=(5.0, 7.0, 9.0),
    points=(3.0, 4.0),
    resting=(0.0, 0.0, 0.5),
    thickness=(0.0,),
    mottling=(0.0, 0.5),
)
SMALL_FIELDS = FieldMix(
    sizes=(3.0,), turns=(-1.0, 1.0), approaches=(0.0,), centres=(0.0, 0.5), near_radii=(1.0,), far_radii=(2.0, 3.0),
    tilt_directions=(0.0,),
)  # fmt: skip
SMALL = DegradationMix(
    blurs=SMALL_BLURS, fields=SMALL_FIELDS, factors=(2.0, 3.0), reducing=("area",), enlarging=("bicubic", "lanczos"),
    read_noise=(0.0, 0.01), shot_noise=(0.0, 0.0001), qualities=(50.0,),
)  # fmt: skip


def test_there_are_at_least_as_many_as_promised() -> None:
    assert count_scenarios().total >= 1_740_000_000_000


def test_the_count_is_that_of_an_enumeration() -> None:
    shakes = list(product((5, 7), (0.5, 1), (0, 90)))
    lines = list(product((3, 5, 7), (0, 90)))
    gaussians = [(sigma, 1, None) for sigma in (1, 2)] + list(product((1, 2), (0.5,), (0, 90)))
    discs = list(product((1,), (1, 2)))
    splines = list(product((5, 7, 9), (3, 4), (0, 0.5), (0, 0.5)))
    smaller_shakes, smaller_lines = list(product((5,), (0.5, 1), (0, 90))), list(product((3, 5), (0, 90)))
    smaller_gaussians = [(1, 1, None), (1, 0.5, 0), (1, 0.5, 90)]
    products = list(product([*smaller_shakes, *smaller_lines], [*smaller_gaussians, *discs]))
    turning = list(product((3,), (0.5, 1), (0, 90), (-1, 1), (0, 0.5), (0, 0.5)))
    tilted = [(1, 2), (1, 3)]
    kinds: tuple[Sequence[object], ...] = (shakes, lines, gaussians, discs, (3, 5), splines, products, turning, tilted)
    options: dict[str, list[object]] = {
        "blur": [(number, blur, light) for number, kind in enumerate(kinds) for blur in kind for light in "ls"],
        "noise": [pair for pair in product((0, 0.01), (0, 0.0001)) if any(pair)],
        "reduce": list(product((2, 3), ("area",), ("bicubic", "lanczos"))),
        "compress": [("jpeg", 50, colours) for colours in range(3)] + [("webp", 50, None)],
    }
    scenarios = set()
    for length in range(5):
        for chosen in permutations(options, length):
            for late in (False, True):
                # Late enlarging is seen by the steps after the face became small; the blur is done at full size.
                after = chosen[chosen.index("reduce") + 1 :] if "reduce" in chosen else ()
                if not late or (after and "blur" not in after):
                    scenarios.add((chosen, late))
    total = 0
    for chosen, _ in scenarios:
        ways = 1
        for name in chosen:
            ways *= len(set(map(str, options[name])))
        total += ways
    counted = count_scenarios(SMALL)
    assert counted.steps == {name: len(ways) for name, ways in options.items()}
    assert counted.sequences == len(scenarios)
    assert counted.total == total


def test_values_listed_twice_count_once() -> None:
    twice = replace(SMALL, factors=(2.0, 2.0, 3.0), qualities=(50.0, 50.0))
    assert count_scenarios(twice).total == count_scenarios(SMALL).total
