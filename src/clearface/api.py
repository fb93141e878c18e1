"""Restoring, hiding and detecting in one call, for whatever form a picture is held in."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import Pixels
from clearface.batch import PhotoOptions, process_photo
from clearface.blur_estimates import FaceBlur
from clearface.choosing import FaceChoice
from clearface.detectors.base import Detector
from clearface.detectors.registry import DetectorOptions, build_detector
from clearface.errors import PhotoError
from clearface.faces import Face, native_size, nearest_working_size
from clearface.files.inputs import read_bytes
from clearface.photos.decode import read_photo
from clearface.photos.photo import AlphaPlane, Frame, byte_view, to_bytes
from clearface.pipeline import Pipeline, estimate_in_photo
from clearface.restorers.registry import DEFAULT_RESTORER, build_restorer
from clearface.squares import take_square, template_square

if TYPE_CHECKING:
    from PIL.Image import Image

    from clearface.hiding import HideStyle
    from clearface.people_choosing import PeopleChoice, PeopleJudge
    from clearface.restorers.smfd.estimator import BlurEstimator

ArrayT = TypeVar("ArrayT", NDArray[np.uint8], NDArray[np.uint16])

Change = Callable[[Pixels, AlphaPlane | None], tuple[Pixels, AlphaPlane | None]]
"""What is done to RGB pixels `(H, W, 3)` and, where there is one, their alpha plane `(H, W)`."""


def default_pipeline() -> Pipeline:
    """CenterFace and the network that ships with clearface."""
    return Pipeline(build_detector("centerface", DetectorOptions()), build_restorer(DEFAULT_RESTORER))


@overload
def restore(picture: ArrayT, pipeline: Pipeline | None = None) -> ArrayT: ...
@overload
def restore(picture: bytes, pipeline: Pipeline | None = None) -> bytes: ...
@overload
def restore(picture: "str | os.PathLike[str] | Image", pipeline: Pipeline | None = None) -> "Image": ...
def restore(picture: object, pipeline: Pipeline | None = None) -> object:
    """Every face of a picture made sharp; the same form comes back.

    picture: RGB uint8 or uint16 array `(H, W, 3)` (or with alpha `(H, W, 4)`, or grey `(H, W)`), the bytes of a photo file
    (restored to the same kind of file), a Pillow image, or a path (its first frame comes back, upright and at 8 bits, as a
    Pillow image; the file is not touched). pipeline: detector and restorer;
    keep one for many pictures, as its networks are loaded once. Raises PhotoError, ModelError, TypeError.
    """
    used = pipeline or default_pipeline()
    if isinstance(picture, bytes):
        return process_photo(picture, "the photo", None, used, PhotoOptions()).encoded

    def change(pixels: Pixels, alpha: AlphaPlane | None) -> tuple[Pixels, AlphaPlane | None]:
        return used.restore(pixels).pixels, alpha

    return _changed(picture, change)


@overload
def hide(
    picture: ArrayT,
    style: "HideStyle | None" = None,
    detector: Detector | None = None,
    *,
    choice: FaceChoice | None = None,
    people: "PeopleChoice | PeopleJudge | None" = None,
    seed: int | None = None,
) -> ArrayT: ...
@overload
def hide(
    picture: bytes,
    style: "HideStyle | None" = None,
    detector: Detector | None = None,
    *,
    choice: FaceChoice | None = None,
    people: "PeopleChoice | PeopleJudge | None" = None,
    seed: int | None = None,
) -> bytes: ...
@overload
def hide(
    picture: "str | os.PathLike[str] | Image",
    style: "HideStyle | None" = None,
    detector: Detector | None = None,
    *,
    choice: FaceChoice | None = None,
    people: "PeopleChoice | PeopleJudge | None" = None,
    seed: int | None = None,
) -> "Image": ...
def hide(
    picture: object,
    style: "HideStyle | None" = None,
    detector: Detector | None = None,
    *,
    choice: FaceChoice | None = None,
    people: "PeopleChoice | PeopleJudge | None" = None,
    seed: int | None = None,
) -> object:
    """Every face of a picture hidden; the same form comes back, as from `restore`.

    picture: what `restore` takes. The bytes of a photo file come back as the same kind of file, written anew even without a face:
    no preview, depth map or place is in it. style: how; a blur that cannot be undone without. detector: one that misses as little
    as it can without (`clearface.detectors.thorough`); keep one for many pictures. choice: which faces; all without. people:
    which people of a gallery are kept, or hidden alone; for many pictures what `clearface.people_choosing.opened_people` gives.
    seed: of the noise, which is then the same each time, but known to whoever knows the seed; drawn by chance without. Raises
    PhotoError, ModelError, TypeError, UsageError where two choices contradict each other, and what `opened_people` does.
    """
    from clearface.detectors.thorough import build_thorough_detector
    from clearface.hiding import FaceHider, HideStyle
    from clearface.people_choosing import judge_of
    from clearface.photo_hiding import PhotoHiding, hidden_frame, hide_photo

    with judge_of(people) as judge:
        hiding = PhotoHiding(
            detector or build_thorough_detector("centerface"),
            FaceHider(style or HideStyle(), secrets.randbits(128) if seed is None else seed),
            choice=choice or FaceChoice(),
            people=judge,
        )
        if isinstance(picture, bytes):
            return hide_photo(picture, "the photo", None, hiding, PhotoOptions()).encoded

        def change(pixels: Pixels, alpha: AlphaPlane | None) -> tuple[Pixels, AlphaPlane | None]:
            frame = hidden_frame(Frame(pixels, alpha), hiding)
            return frame.pixels, frame.alpha

        return _changed(picture, change)


def detect(picture: object, detector: Detector | None = None) -> list[Face]:
    """The faces of a picture, most certain first: an RGB array, the bytes of a photo file, a Pillow image or a path.

    Boxes and landmarks are in pixels of the upright first frame. Raises PhotoError, ModelError, TypeError.
    """
    used = detector or build_detector("centerface", DetectorOptions())
    return used.detect(byte_view(first_pixels(picture)))


def estimate_blur(
    picture: object, detector: Detector | None = None, estimator: "BlurEstimator | None" = None
) -> list[FaceBlur]:
    """How each face of a picture is blurred, most certain face first; the forms a picture may have are those of `detect`.

    Kernels are in pixels of the upright first frame. estimator: the one that ships with clearface without; keep one for many
    pictures. Raises PhotoError, ModelError, TypeError.
    """
    from clearface.restorers.smfd.estimator import BlurEstimator

    used = estimator or BlurEstimator.from_folder()
    pixels = first_pixels(picture)
    blurs = []
    for face in (detector or build_detector("centerface", DetectorOptions())).detect(byte_view(pixels)):
        square = template_square(face, nearest_working_size(native_size(face)))
        (estimate,) = used.estimate(take_square(pixels, square)[None])
        blurs.append(FaceBlur(face, estimate_in_photo(estimate, square)))
    return blurs


def first_pixels(picture: object) -> Pixels:
    """RGB `(H, W, 3)` of 8 or 16 bits of the upright first frame of a picture in any form. Raises PhotoError, TypeError."""
    from PIL import Image

    if isinstance(picture, np.ndarray):
        return _as_rgb(picture)
    if isinstance(picture, Image.Image):
        return np.asarray(picture.convert("RGB"))
    if isinstance(picture, bytes):
        return read_photo(picture, "the photo").frames[0].pixels
    if isinstance(picture, (str, os.PathLike)):
        return read_photo(read_bytes(Path(picture)), os.fspath(picture)).frames[0].pixels
    raise TypeError(f"a picture is an array, bytes, a Pillow image or a path, not {type(picture).__name__}")


def _open_upright(path: Path) -> "Image":
    """The first frame of a photo file as a Pillow image of 8 bits, with its profile."""
    from PIL import Image

    photo = read_photo(read_bytes(path), os.fspath(path))
    frame = photo.frames[0]
    image = Image.fromarray(byte_view(frame.pixels))
    if frame.alpha is not None:
        image.putalpha(Image.fromarray(to_bytes(frame.alpha)))
    if photo.grey:
        image = image.convert("L" if frame.alpha is None else "LA")
    if photo.icc_profile is not None:
        image.info["icc_profile"] = photo.icc_profile
    return image


def _changed(picture: object, change: Change) -> object:
    """A picture in the form it came in, its pixels and transparency as `change` leaves them."""
    if isinstance(picture, np.ndarray):
        return _changed_array(picture, change)
    from PIL import Image

    if isinstance(picture, Image.Image):
        return _changed_image(picture, change)
    if isinstance(picture, (str, os.PathLike)):
        return _changed_image(_open_upright(Path(picture)), change)
    raise TypeError(f"a picture is an array, bytes, a Pillow image or a path, not {type(picture).__name__}")


def _changed_image(image: "Image", change: Change) -> "Image":
    """A Pillow image in the mode it came in (palette and 1-bit images come back as RGB), profile kept."""
    from PIL import Image

    alpha = np.asarray(image.convert("RGBA").getchannel("A")) if image.has_transparency_data else None
    pixels, alpha = change(np.asarray(image.convert("RGB")), alpha)
    changed = Image.fromarray(pixels)
    if alpha is not None:
        changed.putalpha(Image.fromarray(alpha))
    if image.mode in ("L", "LA"):
        changed = changed.convert(image.mode)
    if "icc_profile" in image.info:
        changed.info["icc_profile"] = image.info["icc_profile"]
    return changed


def _changed_array(picture: ArrayT, change: Change) -> ArrayT:
    if picture.ndim == 3 and picture.shape[2] == 4:
        pixels, alpha = change(_as_rgb(picture[..., :3]), np.ascontiguousarray(picture[..., 3]))
        return np.dstack([pixels, picture[..., 3] if alpha is None else alpha]).astype(picture.dtype)
    pixels, _ = change(_as_rgb(picture), None)
    changed = pixels.mean(2).round() if picture.ndim == 2 else pixels
    return changed.astype(picture.dtype)


def _as_rgb(picture: NDArray[np.generic]) -> Pixels:
    if picture.dtype not in (np.uint8, np.uint16):
        raise PhotoError(f"a picture array holds uint8 or uint16, not {picture.dtype}")
    if picture.ndim == 2 and picture.size:
        return np.repeat(picture[..., None], 3, axis=2)
    if picture.ndim == 3 and picture.shape[2] == 3 and picture.size:
        return np.ascontiguousarray(picture)
    raise PhotoError(f"a picture array has the shape (H, W, 3), (H, W, 4) or (H, W), not {picture.shape}")
