"""How much a restorer helps: PSNR and SSIM of blurred and restored faces.

    python benchmarks/quality.py FOLDER --kernels Levin09.mat --restorer smfd --restorer richardson-lucy --faces 200

FOLDER holds sharp portraits. Each is aligned to the FFHQ square, degraded by the named protocols of `clearface degrade` with a
fixed seed (mirrored beyond its edges, 8 bits), restored blindly, brought back to the colours it came in as the pipeline does, and
compared with the sharp face over the whole square. `tight` is the protocol `shen` on faces cropped to their box and tilted by up
to 20 degrees. PSNR over RGB; SSIM with an 11x11 Gaussian of 1.5 pixels, mean of the channels, nothing cropped; data range 1.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from clearface.arrays import ByteImage, FloatArray
from clearface.blending import match_colours
from clearface.degrade.protocols import degrade_by_protocol
from clearface.detectors.centerface import CenterFace
from clearface.faces import Face
from clearface.photos.decode import read_photo
from clearface.photos.photo import byte_view
from clearface.restorers.base import restore_checked
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.squares import Square, take_square, template_square
from clearface.verdicts import Verdict

TILT = 20.0
"""Greatest tilt of a tight face, in degrees."""


@dataclass(frozen=True)
class Test:
    """One row of the table, and the size of its faces in pixels."""

    name: str
    protocol: str
    size: int
    tight: bool = False


TESTS = (
    Test("shen", "shen", 128),
    Test("levin", "levin", 128),
    Test("mixed", "mixed", 256),
    Test("mild", "mild", 256),
    Test("box5", "box5", 128),
    Test("tight", "shen", 128, tight=True),
    Test("sharp", "sharp", 128),
    Test("sharp256", "sharp", 256),
)


@dataclass(frozen=True, eq=False)
class Portrait:
    """A photo and its largest face."""

    pixels: ByteImage
    face: Face


def read_portraits(folder: Path, most: int, skip: int) -> list[Portrait]:
    """The photos of a folder in the order of their names, the first `skip` left out."""
    detector, portraits = CenterFace(), []
    for path in sorted(folder.iterdir())[skip:]:
        pixels = byte_view(read_photo(path.read_bytes(), path.name).frames[0].pixels)
        found = detector.detect(pixels)
        if found:
            portraits.append(Portrait(pixels, max(found, key=lambda face: face.box.size)))
        if len(portraits) == most:
            break
    return portraits


def sharp_faces(portraits: list[Portrait], test: Test, seed: int) -> FloatArray:
    """`(N, size, size, 3)` in [0, 1]: the FFHQ square, or the tilted box of the face."""
    generator = np.random.default_rng(seed)
    taken = []
    for portrait in portraits:
        tilt = float(generator.uniform(-TILT, TILT))
        square = (
            tight_square(portrait.face, test.size, tilt) if test.tight else template_square(portrait.face, test.size)
        )
        taken.append(take_square(portrait.pixels, square))
    return np.stack(taken)


def tight_square(face: Face, size: int, tilt: float) -> Square:
    """The square of a face's box, turned by `tilt` degrees around its middle."""
    box = face.box
    scale, angle = size / box.size, np.radians(tilt)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([(box.left + box.right) / 2, (box.top + box.bottom) / 2])
    return Square(np.column_stack([turn, (size - 1) / 2 - turn @ middle]), size)


def measure(first: FloatArray, second: FloatArray) -> tuple[np.ndarray, np.ndarray]:
    """PSNR in dB and SSIM of each pair."""
    psnr = [
        peak_signal_noise_ratio(a, b, data_range=1) if (a != b).any() else 99.0
        for a, b in zip(first, second, strict=True)
    ]
    ssim = [
        structural_similarity(
            a, b, data_range=1, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        for a, b in zip(first, second, strict=True)
    ]
    return np.array(psnr), np.array(ssim)


def as_pasted(before: FloatArray, after: FloatArray) -> FloatArray:
    """The restored faces in the colours they came in, as the pipeline pastes them."""
    matched = [old + match_colours(new - old) for old, new in zip(before, after, strict=True)]
    return np.asarray(np.clip(np.stack(matched), 0, 1), np.float32)


def colour_shift(before: FloatArray, after: FloatArray) -> np.ndarray:
    """How far the mean colour of each face moves, in levels of 255, the channel that moves most."""
    moved: np.ndarray = np.abs(after.mean((1, 2)) - before.mean((1, 2))).max(1) * 255
    return moved


def main() -> None:
    parser = argparse.ArgumentParser(description="PSNR and SSIM of restorers on blurred faces.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--restorer", action="append")
    parser.add_argument("--test", action="append", choices=[test.name for test in TESTS])
    parser.add_argument("--kernels", type=Path, help="the file of kernels for the test levin, left out without")
    parser.add_argument("--faces", type=int, default=200)
    parser.add_argument("--skip", type=int, default=0, help="leave out this many photos first")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    portraits = read_portraits(arguments.folder, arguments.faces, arguments.skip)
    print(f"{len(portraits)} faces of {arguments.folder.name}, seed {arguments.seed}\n")
    print("| test | size | method | PSNR dB | gain dB | SSIM | gain | better | shift, mean / most | left as it was |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    restorers = [build_restorer(name, RestorerOptions()) for name in arguments.restorer or ["smfd", "richardson-lucy"]]
    for test in TESTS:
        if (arguments.test and test.name not in arguments.test) or (test.protocol == "levin" and not arguments.kernels):
            continue
        sharp = sharp_faces(portraits, test, arguments.seed)
        kernels = arguments.kernels if test.protocol == "levin" else None
        blurred = degrade_by_protocol(sharp, test.protocol, arguments.seed, kernels).faces
        psnr, ssim = measure(sharp, blurred)
        sides = f"| {test.name} | {test.size} |"
        print(f"{sides} input | {psnr.mean():.2f} | | {ssim.mean():.3f} | | | | |")
        for restorer in restorers:
            answer = restore_checked(restorer, blurred)
            restored = as_pasted(blurred, answer.faces)
            after, similarity = measure(sharp, restored)
            shift = colour_shift(blurred, restored)
            left = sum(verdict is not Verdict.RESTORED for verdict in answer.verdicts or ())
            print(
                f"{sides} {restorer.name} | {after.mean():.2f} | {(after - psnr).mean():+.2f} | {similarity.mean():.3f} |"
                f" {(similarity - ssim).mean():+.3f} | {100 * (after > psnr).mean():.0f}% |"
                f" {shift.mean():.2f} / {shift.max():.2f} | {left} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
