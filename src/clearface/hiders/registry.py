"""The ways to hide a face by name. Nothing heavy is imported before one is built."""

from dataclasses import dataclass
from pathlib import Path

from clearface.errors import UsageError
from clearface.hiders.base import Hider
from clearface.registry import RegistryEntry, build_by_name

DEFAULT_HIDER = "blur"
"""What is used unless another is asked for."""


@dataclass(frozen=True)
class HiderOptions:
    """Everything a hider can be told; None leaves it to the hider."""

    strength: float | None = None
    """How coarse blur and mosaic are, as a multiple of what is usual: 0.5 or more."""

    colour: str | None = None
    """`#rrggbb` or a name of CSS."""

    picture: Path | None = None
    """A photo to lay over faces."""


HiderEntry = RegistryEntry[HiderOptions, Hider]
"""One hider as it is listed."""


def build_hider(name: str, options: HiderOptions | None = None) -> Hider:
    """The hider of that name.

    Raises UsageError for an unknown name or an option the hider does not use or cannot read, PhotoError for a picture that
    cannot be read.
    """
    return build_by_name("way to hide", HIDERS, name, options or HiderOptions())


def _build_blur(options: HiderOptions) -> Hider:
    from clearface.hiders.blur import Blur

    return Blur() if options.strength is None else Blur(options.strength)


def _build_mosaic(options: HiderOptions) -> Hider:
    from clearface.hiders.mosaic import Mosaic

    return Mosaic() if options.strength is None else Mosaic(options.strength)


def _build_solid(options: HiderOptions) -> Hider:
    from clearface.hiders.solid import Solid

    return Solid() if options.colour is None else Solid(options.colour)


def _build_picture(options: HiderOptions) -> Hider:
    from clearface.hiders.blur import Blur
    from clearface.hiders.picture import Picture
    from clearface.hiders.solid import Solid

    if options.picture is None:
        raise UsageError("hiding by picture needs one: the path of a photo to lay over faces")
    return Picture(options.picture, Blur() if options.colour is None else Solid(options.colour))


def _build_nothing(_: HiderOptions) -> Hider:
    from clearface.hiders.nothing import Nothing

    return Nothing()


HIDERS: tuple[HiderEntry, ...] = (
    HiderEntry("blur", "a smooth blur that cannot be undone", ("strength",), _build_blur),
    HiderEntry("mosaic", "large squares of one colour each", ("strength",), _build_mosaic),
    HiderEntry("solid", "one colour", ("colour",), _build_solid),
    HiderEntry("picture", "a picture of your own", ("picture", "colour"), _build_picture),
    HiderEntry("none", "no hiding, to see what would be hidden", (), _build_nothing),
)
"""In the order they are listed."""
