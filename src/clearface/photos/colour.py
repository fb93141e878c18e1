"""Pixels of other colour models and profiles brought to sRGB by LittleCMS."""

from io import BytesIO

from PIL import Image, ImageCms

NAIVE_NOTE = "converted from CMYK to sRGB without a colour profile, which the file lacks or holds damaged"
PROFILE_NOTE = "converted from {model} to sRGB"


def srgb_profile() -> bytes:
    """An ICC profile of sRGB, the same bytes every time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes.fromhex("07d0000100010000 00000000")  # LittleCMS writes the time of the call here
    return bytes(profile)


def to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, str]:
    """An image of mode CMYK, LAB, L or RGB as sRGB of mode RGB, and the sentence that says how.

    Relative colorimetric with black point compensation, as photo editors do. Without a usable profile CMYK is converted by
    plain subtraction.
    """
    source: ImageCms.ImageCmsProfile | None = None
    if image.mode == "LAB":
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    elif profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
        except OSError:
            source = None  # damaged: the plain way below, which the note says
    if source is not None:
        try:
            converted = ImageCms.profileToProfile(
                image,
                source,
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
        except ImageCms.PyCMSError:
            converted = None  # a profile of another colour model
        if converted is not None:
            return converted, PROFILE_NOTE.format(model=image.mode)
    return image.convert("RGB"), NAIVE_NOTE


def is_grey_profile(profile: bytes | None) -> bool:
    """Whether an ICC profile describes grey only, and so fits no RGB pixels (ICC.1, data colour space)."""
    return profile is not None and profile[16:20] == b"GRAY"
