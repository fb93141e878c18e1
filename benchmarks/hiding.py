"""Whether hidden faces are recognized: as they are, restored, averaged over a film, or by one who hides faces the same way.

python benchmarks/hiding.py FOLDER     people as `clearface evaluate --identities` takes them, such as ORL; prints a table

Half of each person's photos are known to the attacker (the gallery), some of the rest are hidden (the probes). Where only chance
helps, one probe in as many as there are people is named. The attacker knows where the face is, and how faces are hidden, but not
the seed. Needs the embedder dlib.
"""

import argparse
import secrets
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from scipy.stats import beta

from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.detectors.registry import build_detector
from clearface.embedders.base import Embedder
from clearface.embedders.registry import build_embedder
from clearface.evaluate.identities.people import find_people
from clearface.evaluate.identities.people_faces import IndexArray
from clearface.evaluate.identities.recognition import recognized
from clearface.evaluate.looking import read_pixels
from clearface.faces import Box, Face
from clearface.films.array_canvas import ArrayCanvas
from clearface.hiders.blur import BLUR_CELLS
from clearface.hiding import FaceHider, HideStyle
from clearface.pipeline import Pipeline
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.squares import take_square, template_square

MOST_PIXELS = 50_000_000
SIDE = 160
FILM_FRAMES = 30
LEARNED_FROM = 6
"""How often the attacker who learns hides each photo of the gallery."""

SLOW = ("richardson-lucy", "wiener", "unsupervised-wiener")
"""They try one photo of each person."""

INNER_SIDE = 16
SPLINE_SPREAD = 0.577
"""Standard deviation of a cubic B-spline, in cells."""


@dataclass(frozen=True, eq=False)
class Person:
    """One photo of somebody."""

    number: int
    pixels: ByteImage
    face: Face


@dataclass(frozen=True, eq=False)
class Known:
    """What the attacker has."""

    photos: tuple[Person, ...]
    vectors: FloatArray

    @property
    def people(self) -> IndexArray:
        return np.array([photo.number for photo in self.photos], np.intp)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="photos of people")
    parser.add_argument("--modes", nargs="+", default=["blur", "mosaic", "solid", "picture"])
    parser.add_argument("--strength", type=float, help="of blur and mosaic")
    parser.add_argument("--probes", type=int, default=3, help="hidden photos of each person")
    parser.add_argument("--clear", action="store_true", help="also what is recognized where nothing is hidden")
    arguments = parser.parse_args()
    gallery_photos, probes = read(arguments.folder, arguments.probes)
    embedder = build_embedder("dlib")
    known = Known(gallery_photos, embed(embedder, [(photo, photo.pixels) for photo in gallery_photos]))
    people = len(np.unique(known.people))
    print(
        f"{people} people, {len(known.photos)} photos known, {len(probes)} hidden; by chance {1 / people:.1%} are named.\n"
    )
    clear = embed(embedder, [(photo, photo.pixels) for photo in probes])
    same = known.people == np.array([photo.number for photo in probes])[:, None]
    apart = angles(clear[:, None], known.vectors[None])
    print(f"Angles between clear photos: of one person {np.median(apart[same]):.0f} degrees, of two", end=" ")
    print(
        f"{np.median(apart[~same]):.0f} (5% to 95%: {' to '.join(f'{a:.0f}' for a in np.percentile(apart[~same], (5, 95)))}).\n"
    )
    print("| hidden by | attack | named | at most (95%) | angle to the original |\n|---|---|---|---|---|")
    for mode in (["none"] if arguments.clear else []) + arguments.modes:
        with tempfile.TemporaryDirectory() as folder:
            attack_all(style_of(mode, arguments.strength, Path(folder)), known, probes, clear, embedder)


def read(folder: Path, probes: int) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Gallery and probes; photos without a face are left out."""
    detector = build_detector("centerface")
    by_person: dict[str, list[Person]] = {}
    for photo in find_people(folder):
        number = list(by_person).index(photo.person) if photo.person in by_person else len(by_person)
        pixels = read_pixels(photo.path, MOST_PIXELS)
        found = max(detector.detect(pixels), key=lambda face: face.box.size, default=None)
        by_person.setdefault(photo.person, [])
        if found is not None:
            by_person[photo.person].append(Person(number, pixels, found))
    generator = np.random.default_rng(0)
    gallery, hidden = list[Person](), list[Person]()
    for photos in by_person.values():
        shuffled = [photos[place] for place in generator.permutation(len(photos))]
        gallery += shuffled[: len(photos) // 2]
        hidden += shuffled[len(photos) // 2 :][:probes]
    return tuple(gallery), tuple(hidden)


def style_of(mode: str, strength: float | None, folder: Path) -> HideStyle:
    """As it is by default; the picture is a disc on clear ground, so that the ground is attacked too."""
    if mode == "picture":
        from PIL import Image, ImageDraw

        picture = Image.new("RGBA", (256, 256))
        ImageDraw.Draw(picture).ellipse((64, 64, 192, 192), fill=(255, 210, 40, 255))
        picture.save(folder / "disc.png")
        return HideStyle(mode, picture=folder / "disc.png")
    return HideStyle(mode, strength=strength if mode in ("blur", "mosaic") else None)


def attack_all(style: HideStyle, known: Known, probes: Sequence[Person], clear: FloatArray, embedder: Embedder) -> None:
    """One row for each way to find out whose faces these are."""
    hidden = hide(style, probes)
    report = Report(style, known, probes, clear)
    as_it_is = embed(embedder, list(zip(probes, hidden, strict=True)))
    report.by_embedding("as it is", as_it_is)
    report.by_learning(hidden)
    parrot = list(zip(known.photos, hide(style, known.photos), strict=True))
    report.by_embedding("gallery hidden too", as_it_is, gallery=embed(embedder, parrot))
    if style.mode == "none":
        return
    one_each = [place for place, photo in enumerate(probes) if place == 0 or probes[place - 1].number != photo.number]
    averaged = [(probes[place], film_mean(style, probes[place])) for place in one_each]
    report.by_embedding(f"mean of {FILM_FRAMES} frames", embed(embedder, averaged), one_each)
    for name, restore in restorers().items():
        some = one_each if name in SLOW else list(range(len(probes)))
        restored = [(probes[place], restore(hidden[place], probes[place].face)) for place in some]
        report.by_embedding(name, embed(embedder, restored), some)


@dataclass(frozen=True, eq=False)
class Report:
    """Prints rows."""

    style: HideStyle
    known: Known
    probes: Sequence[Person]
    clear: FloatArray

    def by_embedding(
        self,
        attack: str,
        vectors: FloatArray,
        places: Sequence[int] | None = None,
        gallery: FloatArray | None = None,
    ) -> None:
        chosen = list(range(len(self.probes))) if places is None else list(places)
        truth = np.array([self.probes[place].number for place in chosen])
        hits = recognized(self.known.vectors if gallery is None else gallery, self.known.people, vectors, truth)
        self._print(attack, hits, f"{np.median(angles(vectors, self.clear[chosen])):.0f}")

    def by_learning(self, hidden: Sequence[ByteImage]) -> None:
        """The attacker learns what hiding leaves of each person, inside the shape alone."""
        solid = [
            inner(photo, pixels)
            for photo, pixels in zip(self.probes, hide(HideStyle("solid"), self.probes), strict=True)
        ]
        inside = np.max(solid, 0) < 1e-6
        photos = self.known.photos
        learned = np.concatenate(
            [
                [inner(photo, pixels)[inside] for photo, pixels in zip(photos, hide(self.style, photos), strict=True)]
                for _ in range(LEARNED_FROM)
            ]
        )
        asked = np.array([inner(photo, pixels)[inside] for photo, pixels in zip(self.probes, hidden, strict=True)])
        named = discriminant(learned, np.tile(self.known.people, LEARNED_FROM))(asked)
        self._print("learned from hidden photos", named == np.array([photo.number for photo in self.probes]), "")

    def _print(self, attack: str, hits: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]", angle: str) -> None:
        count, right = len(hits), int(hits.sum())
        most = 1.0 if right == count else float(beta.ppf(0.95, right + 1, count - right))  # Clopper and Pearson 1934
        strength = "" if self.style.strength is None else f" {self.style.strength:g}"
        print(
            f"| {self.style.mode}{strength} | {attack} | {right / count:.1%} of {count} | {most:.1%} | {angle} |",
            flush=True,
        )


def hide(style: HideStyle, photos: Sequence[Person]) -> list[ByteImage]:
    """Each with noise of its own."""
    hider = FaceHider(style, secrets.randbits(128))
    results = []
    for key, photo in enumerate(photos):
        pixels = photo.pixels.copy()
        hider.hide(ArrayCanvas(pixels), [(key, photo.face)])
        results.append(pixels)
    return results


def restorers() -> dict[str, Callable[[ByteImage, Face], ByteImage]]:
    """Every restorer that needs no file, told the width of the blur where it can be."""
    detector = build_detector("centerface")
    smfd = Pipeline(detector, build_restorer("smfd", RestorerOptions(restore_anyway=True)))

    def by_smfd(pixels: ByteImage, face: Face) -> ByteImage:
        return np.asarray(smfd.restore(pixels, [face]).pixels, np.uint8)

    def by(name: str) -> Callable[[ByteImage, Face], ByteImage]:
        def restore(pixels: ByteImage, face: Face) -> ByteImage:
            spread = SPLINE_SPREAD * face.box.size / BLUR_CELLS.across
            options = RestorerOptions(point_spread_function=f"gaussian:{spread:.1f}")
            return np.asarray(
                Pipeline(detector, build_restorer(name, options)).restore(pixels, [face]).pixels, np.uint8
            )

        return restore

    return {"smfd": by_smfd} | {name: by(name) for name in SLOW}


def film_mean(style: HideStyle, photo: Person) -> ByteImage:
    """Of frames in which the face moves by parts of a pixel, laid over one another again; all with the noise of one track."""
    hider = FaceHider(style, secrets.randbits(128))
    total = np.zeros(photo.pixels.shape)
    generator = np.random.default_rng(0)
    for x, y in generator.uniform(-1, 1, (FILM_FRAMES, 2)):
        frame = shifted(photo.pixels, x, y)
        box = photo.face.box
        moved = Box(box.left + x, box.top + y, box.right + x, box.bottom + y)
        hider.hide(ArrayCanvas(frame), [(1, Face(moved, photo.face.score, photo.face.landmarks + np.array([x, y])))])
        total += shifted(frame, -x, -y)
    return np.rint(total / FILM_FRAMES).astype(np.uint8)


def shifted(pixels: ByteImage, x: float, y: float) -> ByteImage:
    size = (pixels.shape[1], pixels.shape[0])
    moved = cv2.warpAffine(
        pixels,
        np.array([[1, 0, x], [0, 1, y]], np.float64),
        size,
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(moved, np.uint8)


def embed(embedder: Embedder, photos: Sequence[tuple[Person, ByteImage]]) -> FloatArray:
    """`(N, D)`, each aligned by the landmarks of the clear photo."""
    squares = [take_square(pixels, template_square(photo.face, SIDE)) for photo, pixels in photos]
    return embedder.embed(np.stack(squares))


def inner(photo: Person, pixels: ByteImage) -> DoubleArray:
    square = take_square(pixels, template_square(photo.face, 4 * INNER_SIDE))
    small = cv2.resize(square, (INNER_SIDE, INNER_SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float64).ravel()


def discriminant(vectors: DoubleArray, people: IndexArray) -> Callable[[DoubleArray], IndexArray]:
    """Fisher's linear discriminant: the nearest mean, by the covariance of hidden photos of one person."""
    numbers = np.unique(people)
    means = np.array([vectors[people == number].mean(0) for number in numbers])
    within = vectors - means[np.searchsorted(numbers, people)]
    covariance = within.T @ within / len(within) + 1e-3 * np.eye(vectors.shape[1])
    weights = np.linalg.solve(covariance, means.T)
    offsets = 0.5 * (means.T * weights).sum(0)
    return lambda asked: np.asarray(numbers[(asked @ weights - offsets).argmax(1)], np.intp)


def angles(first: FloatArray, second: FloatArray) -> DoubleArray:
    """In degrees, of unit vectors along the last axis."""
    return np.asarray(np.degrees(np.arccos(np.clip((first * second).sum(-1), -1, 1))), np.float64)


if __name__ == "__main__":
    main()
