"""How much a restorer helps: PSNR and SSIM of blurred and restored faces.

    python benchmarks/quality.py FOLDER --restorer unet --restorer richardson-lucy --size 128 --faces 200

FOLDER holds sharp portraits. Each is aligned to the FFHQ square at SIZE pixels, degraded with a fixed seed (mirrored beyond
its edges, 8 bits), restored blindly and compared with the sharp face over the whole square. PSNR over RGB; SSIM with an
11x11 Gaussian of 1.5 pixels, mean of the channels, nothing cropped; data range 1.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from clearface import point_spread
from clearface.arrays import FloatArray
from clearface.degrade.bank import fitted_kernel
from clearface.degrade.blurring import blur_reflecting
from clearface.degrade.trajectories import shake_kernel
from clearface.detectors.centerface import CenterFace
from clearface.photos.decode import read_photo
from clearface.photos.photo import byte_view
from clearface.restorers.base import restore_checked
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.squares import take_square, template_square

TAPS = 41
PROTOCOLS = ("shake", "box5", "gaussian", "disc", "sharp")


def sharp_faces(folder: Path, size: int, most: int) -> FloatArray:
    """The largest face of each photo, `(N, size, size, 3)` in [0, 1]."""
    detector = CenterFace()
    faces = []
    for path in sorted(folder.iterdir()):
        pixels = byte_view(read_photo(path.read_bytes(), path.name).frames[0].pixels)
        found = detector.detect(pixels)
        if found:
            largest = max(found, key=lambda face: face.box.size)
            faces.append(take_square(pixels, template_square(largest, size)))
        if len(faces) == most:
            break
    return np.stack(faces)


def degrade(faces: FloatArray, protocol: str, seed: int) -> FloatArray:
    """The faces of one protocol: shake (13 to 27 px, noise 0.01), box5, gaussian (sigma 1 to 3), disc (1 to 5 px), sharp."""
    generator = np.random.default_rng(seed)
    if protocol == "sharp":
        return faces
    kernels = np.stack([fitted_kernel(_kernel(protocol, generator), TAPS) for _ in faces]).astype(np.float32)
    sharp = torch.from_numpy(np.ascontiguousarray(faces.transpose(0, 3, 1, 2)))
    blurred = blur_reflecting(sharp, torch.from_numpy(kernels)).numpy().transpose(0, 2, 3, 1)
    sigma = 0.0 if protocol == "box5" else 0.01
    noisy = blurred + sigma * generator.standard_normal(blurred.shape)
    return (np.rint(np.clip(noisy, 0, 1) * 255) / 255).astype(np.float32)


def _kernel(protocol: str, generator: np.random.Generator) -> np.ndarray:
    if protocol == "shake":
        return shake_kernel(generator, int(generator.integers(13, 28)))
    if protocol == "box5":
        return point_spread.box(5)
    if protocol == "gaussian":
        return point_spread.gaussian(float(generator.uniform(1, 3)))
    return point_spread.disc(float(generator.uniform(1, 5)))


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


def main() -> None:
    parser = argparse.ArgumentParser(description="PSNR and SSIM of restorers on blurred faces.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--restorer", action="append")
    parser.add_argument("--protocol", action="append", choices=PROTOCOLS)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--faces", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    sharp = sharp_faces(arguments.folder, arguments.size, arguments.faces)
    print(f"{len(sharp)} faces at {arguments.size}x{arguments.size}, seed {arguments.seed}\n")
    print("| protocol | method | PSNR dB | gain dB | SSIM | gain | faces better |\n|---|---|---|---|---|---|---|")
    for protocol in arguments.protocol or PROTOCOLS:
        blurred = degrade(sharp, protocol, arguments.seed)
        psnr, ssim = measure(sharp, blurred)
        print(f"| {protocol} | input | {psnr.mean():.2f} | | {ssim.mean():.3f} | | |")
        for name in arguments.restorer or ["unet", "richardson-lucy"]:
            restored = restore_checked(build_restorer(name, RestorerOptions()), blurred).faces
            after, similarity = measure(sharp, restored)
            better = f"{100 * (after > psnr).mean():.0f}%"
            gain, closer = after.mean() - psnr.mean(), similarity.mean() - ssim.mean()
            print(
                f"| {protocol} | {name} | {after.mean():.2f} | {gain:+.2f} | {similarity.mean():.3f} | {closer:+.3f} | {better} |"
            )


if __name__ == "__main__":
    main()
