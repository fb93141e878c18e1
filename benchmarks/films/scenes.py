"""What happens in the made clip: who is where and when."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from benchmarks.films.heads import Pose

WIDTH, HEIGHT = 1920, 1080

Walk = Callable[[float], Pose]
"""Where a head is at a time of its scene, in seconds."""


@dataclass(frozen=True)
class Bar:
    """An upright post in front of everybody."""

    left: int
    right: int


@dataclass(frozen=True)
class Scene:
    """One shot. Later walks are in front of earlier ones."""

    name: str
    texture: str
    """A function of `skimage.data`."""

    pan: tuple[float, float]
    """How fast the background moves, in pixels per second."""

    walks: tuple[Walk, ...]
    bars: tuple[Bar, ...] = field(default=())
    light: Callable[[float], float] = lambda _: 1.0
    noise: float = 2.0


def scenes(random: np.random.Generator) -> list[Scene]:
    """The shots of the clip, five seconds each, told in full by the state of the generator."""
    return [_calm(random), _crossing(random), _fast(random), _dark(random), _crowd(random)]


def shown(walk: Walk, seconds: float, exposure: float) -> Pose:
    """The pose at a time, smeared by how far it moves while the shutter is open."""
    before, after = walk(seconds - exposure / 2), walk(seconds + exposure / 2)
    return replace(walk(seconds), smear=(after.x - before.x, after.y - before.y))


def _sway(
    random: np.random.Generator, centre: tuple[float, float], size: float, reach: float, speed: float = 1.0
) -> Walk:
    phases, turns = random.uniform(0, 2 * np.pi, 4), random.uniform(0.5, 1.0, 4) * speed * 2
    lean = random.uniform(5, 30)

    def walk(seconds: float) -> Pose:
        waves = np.sin(phases + turns * seconds)
        return Pose(
            centre[0] + reach * waves[0],
            centre[1] + reach * waves[1] / 2,
            size * (1 + 0.1 * waves[2]),
            lean * waves[3],
        )

    return walk


def _line(start: tuple[float, float], velocity: tuple[float, float], size: float, lean: float = 0.0) -> Walk:
    def walk(seconds: float) -> Pose:
        return Pose(
            start[0] + velocity[0] * seconds,
            start[1] + velocity[1] * seconds,
            size,
            lean * float(np.sin(1.5 * seconds)),
        )

    return walk


def _calm(random: np.random.Generator) -> Scene:
    """Still and slow heads of every size; a flash."""
    walks = tuple(
        _sway(random, centre, size, reach)
        for centre, size, reach in (
            ((420, 560), 380, 60),
            ((960, 300), 150, 80),
            ((1250, 760), 70, 60),
            ((1500, 260), 40, 40),
            ((1700, 820), 24, 30),
            ((1000, 900), 30, 0),
        )
    )
    return Scene("calm", "gravel", (12, 5), walks, light=lambda t: 1.8 if 2.0 <= t < 2.07 else 1.0)


def _crossing(random: np.random.Generator) -> Scene:
    """Two pairs cross, one walks behind posts."""
    walks = (
        _line((-150, 700), (430, 0), 110, 10),
        _line((300, 330), (260, 10), 140, 12),
        _line((1620, 340), (-280, 5), 150, 8),
        _line((500, 850), (180, -8), 48, 15),
        _line((1300, 840), (-170, 6), 44, 10),
        _sway(random, (1700, 700), 90, 30),
    )
    bars = (Bar(560, 640), Bar(1180, 1250))
    return Scene("crossing", "brick", (-25, 0), walks, bars)


def _fast(random: np.random.Generator) -> Scene:
    """Heads that run, jump in and out at the edges, and one that turns about."""

    def bounce(seconds: float) -> Pose:
        return Pose(
            960 + 800 * float(np.sin(1.9 * seconds)),
            400 + 200 * float(np.sin(3.1 * seconds)),
            120,
            20 * np.sin(2 * seconds),
        )

    def peek(seconds: float) -> Pose:
        return Pose(1920 + 130 * float(np.cos(2.2 * seconds)), 700, 170, 10)

    def rise(seconds: float) -> Pose:
        return Pose(400, 1080 + 160 * float(np.cos(1.7 * seconds)), 200, -10)

    walks = (
        bounce,
        peek,
        rise,
        _line((-100, 200), (1100, 60), 90),
        _line((2100, 950), (-700, -40), 60),
        _sway(random, (1200, 800), 30, 150, 2.0),
    )
    return Scene("fast", "grass", (120, 0), walks)


def _dark(random: np.random.Generator) -> Scene:
    """Dim and noisy; heads go out of focus and back."""

    def unsharp(walk: Walk, most: float, phase: float) -> Walk:
        def blurred(seconds: float) -> Pose:
            return replace(walk(seconds), defocus=most * float(np.sin(1.3 * seconds + phase)) ** 2)

        return blurred

    walks = (
        unsharp(_sway(random, (400, 520), 260, 60), 0.09, 0.0),
        unsharp(_sway(random, (950, 420), 130, 90), 0.09, 1.0),
        unsharp(_sway(random, (1400, 640), 80, 90), 0.08, 2.0),
        unsharp(_sway(random, (1700, 300), 48, 50), 0.06, 0.5),
        _sway(random, (1000, 900), 34, 60),
    )
    return Scene("dark", "gravel", (-15, 10), walks, light=lambda t: 0.3 + 0.1 * float(np.sin(2 * t)), noise=5.0)


def _crowd(random: np.random.Generator) -> Scene:
    """Many small heads under a pan, and one that comes near."""

    def nearer(seconds: float) -> Pose:
        size = 30 * float(np.exp(0.5 * seconds))
        return Pose(1350 - 60 * seconds, 700 - 30 * seconds, size, 15 * float(np.sin(seconds)))

    walks = []
    for index in range(12):
        size = float(random.uniform(20, 42))
        x, y = 120 + 260 * (index % 7) + float(random.uniform(-60, 60)), 150 + 380 * (index // 7)
        walks.append(_line((x, y), (-45 + float(random.uniform(-15, 15)), float(random.uniform(-8, 8))), size, 15))
    return Scene("crowd", "brick", (45, 0), (*walks, nearer))
