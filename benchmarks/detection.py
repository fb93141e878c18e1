"""How fast, with how much memory, and how surely faces are found.

python benchmarks/detection.py                       seconds and peak memory, photos of 1 and 24 megapixels
python benchmarks/detection.py --portraits FOLDER    also the recall on blurred portraits of one face each
"""

import argparse
import multiprocessing
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage.data
import skimage.io

from clearface.arrays import ByteImage, DoubleArray
from clearface.degrade.trajectories import shake_kernel
from clearface.detectors.centerface import CenterFace, CenterFaceOptions
from clearface.detectors.scales import ScalePyramid
from clearface.faces import Face, native_size

SHAPES = {"1 MP": (864, 1152), "12 MP": (3000, 4000), "24 MP": (4000, 6000)}
FACES_PER_PHOTO = 16
KERNEL_SIZES = (0, 13, 20, 27)
THRESHOLDS = (0.2, 0.3, 0.4, 0.5)
WORKING_SIZE = 128
NOISE = 0.01
SAME_FACE = 0.4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portraits", type=Path, help="folder of sharp portraits")
    parser.add_argument("--count", type=int, default=200, help="portraits taken, evenly over the folder")
    parser.add_argument("--runs", type=int, default=5, help="runs timed; the fastest counts")
    arguments = parser.parse_args()
    print("| photo | faces | found | seconds | processor seconds | peak memory |\n|---|---|---|---|---|---|")
    for name, shape in SHAPES.items():
        measure_apart(name, shape, arguments.runs)
    if arguments.portraits:
        print_recall(sorted(arguments.portraits.iterdir()), arguments.count)


def measure_apart(name: str, shape: tuple[int, int], runs: int) -> None:
    """In a process of its own, for the peak memory of a process never falls."""
    process = multiprocessing.get_context("spawn").Process(target=measure, args=(name, shape, runs))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"the measurement of {name} ended with exit code {process.exitcode}")


def measure(name: str, shape: tuple[int, int], runs: int) -> None:
    photo = crowd(shape)
    detector = CenterFace()
    seconds, processor_seconds, found = [], [], 0
    for _ in range(runs):
        started, started_processor = time.perf_counter(), time.process_time()
        found = len(detector.detect(photo))
        seconds.append(time.perf_counter() - started)
        processor_seconds.append(time.process_time() - started_processor)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {name} | {FACES_PER_PHOTO} | {found} | {min(seconds):.2f} | {min(processor_seconds):.2f} | {peak:.0f} MB |",
        flush=True,
    )


def crowd(shape: tuple[int, int]) -> ByteImage:
    """Gravel with the astronaut's head in it, from 24 pixels up, in a grid."""
    gravel: ByteImage = skimage.data.gravel()
    repeats = (-(-shape[0] // gravel.shape[0]), -(-shape[1] // gravel.shape[1]))
    photo = np.repeat(np.tile(gravel, repeats)[: shape[0], : shape[1], None], 3, axis=2)
    head = skimage.data.astronaut()[0:240, 100:340]
    side = int(np.sqrt(FACES_PER_PHOTO))
    cell = min(shape[0] // side, shape[1] // side)
    for index, size in enumerate(np.linspace(60, min(cell, 600), FACES_PER_PHOTO).astype(int)):
        top, left = shape[0] * (index // side) // side, shape[1] * (index % side) // side
        photo[top : top + size, left : left + size] = cv2.resize(head, (size, size), interpolation=cv2.INTER_AREA)
    return photo


@dataclass(frozen=True)
class Outcome:
    """What came of one portrait."""

    score: float
    """Of the answer around the face; 0 without one."""

    landmark_error: float
    """Mean distance of the landmarks from those of the sharp portrait, in parts of the distance of the eyes."""

    strays: tuple[float, ...]
    """Scores of answers elsewhere: false alarms, or people in the background."""


def print_recall(paths: list[Path], count: int) -> None:
    """Recall over blur and threshold, once as a photo is searched and once at its own size alone."""
    chosen = [paths[round(index)] for index in np.linspace(0, len(paths) - 1, min(count, len(paths)))]
    lowest = min(THRESHOLDS)
    own_size = ScalePyramid(largest_enlargement=1.0, coarsest_side=1_000_000)
    detectors = {
        "all scales": CenterFace(CenterFaceOptions(lowest)),
        "own size": CenterFace(CenterFaceOptions(lowest, own_size)),
    }
    print(f"\n{len(chosen)} portraits, the square around the face {WORKING_SIZE} pixels, noise {NOISE}\n")
    thresholds = " | ".join(f"found at {threshold}" for threshold in THRESHOLDS)
    print(f"| kernel | searched at | {thresholds} | landmark error at 0.3 | elsewhere at 0.3 |")
    print("|---|---|" + "---|" * (len(THRESHOLDS) + 2))
    for kernel_size in KERNEL_SIZES:
        generator = np.random.default_rng(kernel_size)
        outcomes: dict[str, list[Outcome]] = {name: [] for name in detectors}
        for path in chosen:
            for name, outcome in examine(path, kernel_size, generator, detectors):
                outcomes[name].append(outcome)
        for name, results in outcomes.items():
            print(row(kernel_size, name, results), flush=True)


def examine(
    path: Path, kernel_size: int, generator: np.random.Generator, detectors: dict[str, CenterFace]
) -> list[tuple[str, Outcome]]:
    """Scales a portrait to the working size, blurs it, and looks for the face of the sharp one."""
    picture: ByteImage = skimage.io.imread(path)
    reference_detector = next(iter(detectors.values()))
    faces = reference_detector.detect(picture)
    if not faces:
        return []
    factor = WORKING_SIZE / native_size(faces[0])
    size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    sharp: ByteImage = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    reference = reference_detector.detect(sharp)[0]
    kernel = shake_kernel(generator, kernel_size) if kernel_size else None
    degraded = blurred(sharp, kernel, generator)
    return [(name, judged(detector.detect(degraded), reference)) for name, detector in detectors.items()]


def blurred(picture: ByteImage, kernel: DoubleArray | None, generator: np.random.Generator) -> ByteImage:
    if kernel is None:
        return picture
    smeared = cv2.filter2D(picture.astype(np.float64), -1, kernel[::-1, ::-1], borderType=cv2.BORDER_REFLECT_101)
    noisy: ByteImage = np.clip(np.rint(smeared + generator.normal(0, NOISE * 255, smeared.shape)), 0, 255).astype(
        np.uint8
    )
    return noisy


def judged(faces: list[Face], reference: Face) -> Outcome:
    hits = [face for face in faces if face.box.overlap(reference.box) > SAME_FACE]
    strays = tuple(face.score for face in faces if face.box.overlap(reference.box) <= SAME_FACE)
    if not hits:
        return Outcome(0.0, float("nan"), strays)
    eyes = float(np.linalg.norm(reference.landmarks[1] - reference.landmarks[0]))
    error = float(np.linalg.norm(hits[0].landmarks - reference.landmarks, axis=1).mean()) / eyes
    return Outcome(hits[0].score, error, strays)


def row(kernel_size: int, name: str, results: list[Outcome]) -> str:
    scores = np.array([outcome.score for outcome in results])
    recall = " | ".join(f"{np.mean(scores >= threshold):.1%}" for threshold in THRESHOLDS)
    errors = [outcome.landmark_error for outcome in results if outcome.score >= 0.3]
    strays = sum(score >= 0.3 for outcome in results for score in outcome.strays)
    error = f"{np.mean(errors):.1%}" if errors else "-"
    return f"| {kernel_size or 'none'} | {name} | {recall} | {error} | {strays} |"


if __name__ == "__main__":
    main()
