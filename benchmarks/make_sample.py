"""Makes the blurred sample of `clearface demo` from scikit-image's public-domain astronaut portrait.

    python benchmarks/make_sample.py

Camera shake over 13 pixels in linear light, noise of 1 in 256, JPEG quality 92.
"""

import cv2
import numpy as np
import skimage.data
from PIL import Image

from clearface.degrade.trajectories import shake_kernel
from clearface.samples import sample_path

SEED = 12
SIZE = 13


def main() -> None:
    generator = np.random.default_rng(SEED)
    kernel = shake_kernel(generator, SIZE)
    light = (skimage.data.astronaut().astype(np.float64) / 255) ** 2.2
    blurred = cv2.filter2D(light, -1, cv2.flip(kernel, -1), borderType=cv2.BORDER_REFLECT_101).clip(0) ** (1 / 2.2)
    noisy = blurred * 255 + generator.standard_normal(blurred.shape)
    path = sample_path("astronaut_blurred.jpg")
    Image.fromarray(np.rint(noisy).clip(0, 255).astype(np.uint8)).save(path, quality=92, subsampling=0)
    print(path)


if __name__ == "__main__":
    main()
