"""What one JPEG quality amounts to in the other lossy kinds."""

import numpy as np

# From 50 to 80: the settings of equal DSSIM that Malte Ubl published in "AVIF and WebP encoding quality settings" (2021);
# carried on from there to lossless-looking ends.
_JPEG = (1, 50, 60, 70, 80, 90, 95, 100)
_WEBP = (1, 55, 64, 72, 82, 91, 96, 100)
_AVIF = (1, 48, 51, 56, 64, 77, 86, 100)


def webp_quality(jpeg_quality: int) -> int:
    return round(float(np.interp(jpeg_quality, _JPEG, _WEBP)))


def avif_quality(jpeg_quality: int) -> int:
    """Also for HEIC, whose scale in libheif runs alike."""
    return round(float(np.interp(jpeg_quality, _JPEG, _AVIF)))
