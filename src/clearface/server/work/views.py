"""Pictures a page shows of a result."""

from pathlib import Path

import cv2
import numpy as np

from clearface.arrays import ByteImage, as_bytes
from clearface.extras import png_file
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import AlphaPlane, Frame, Photo, byte_view, to_bytes
from clearface.pictures_of_blur import confidence_laid, kernel_picture
from clearface.pipeline import RestoredFace, RestoredFrame
from clearface.server.orders import FaceView, View

LONGEST_SIDE = 2560
"""In pixels; larger photos are shown reduced."""

_QUALITY = 92

BEFORE, AFTER = "before.webp", "after.webp"


def face_picture(frame: int, number: int, what: str) -> str:
    """The name of a picture of one face. what: `before`, `after`, `confidence`, `kernel`."""
    return f"frame{frame}_face{number}_{what}.{'png' if what == 'kernel' else 'webp'}"


def write_view(folder: Path, source: Photo, frames: tuple[RestoredFrame, ...]) -> View:
    """The first frame before and after, and every face of every frame, into a folder that exists."""
    write_before(folder, source)
    write_after(folder, source, frames[0])
    faces = []
    for frame_number, frame in enumerate(frames, start=1):
        for number, face in enumerate(frame.faces, start=1):
            _write_face(folder, frame_number, number, face, source.icc_profile)
            faces.append(FaceView(frame_number, number, face.confidence is not None, face.blur is not None))
    width, height = source.size
    return View(width, height, len(frames), tuple(faces))


def write_before(folder: Path, source: Photo) -> None:
    """The first frame as it came."""
    first = source.frames[0]
    (folder / BEFORE).write_bytes(_shown(byte_view(first.pixels), first.alpha, source.icc_profile))


def write_after(folder: Path, source: Photo, frame: RestoredFrame) -> None:
    """The first frame as it was restored."""
    (folder / AFTER).write_bytes(_shown(byte_view(frame.pixels), source.frames[0].alpha, source.icc_profile))


def _write_face(folder: Path, frame: int, number: int, face: RestoredFace, profile: bytes | None) -> None:
    pictures = {"before": as_bytes(face.before), "after": as_bytes(face.after)}
    if face.confidence is not None:
        everywhere = np.ones_like(face.confidence)
        pictures["confidence"] = confidence_laid(as_bytes(face.after), face.confidence, everywhere)
    for what, picture in pictures.items():
        (folder / face_picture(frame, number, what)).write_bytes(_shown(picture, None, profile))
    if face.blur is not None:
        (folder / face_picture(frame, number, "kernel")).write_bytes(png_file(kernel_picture(face.blur.kernel)))


def _shown(picture: ByteImage, alpha: AlphaPlane | None, profile: bytes | None) -> bytes:
    """As WebP, which every browser shows, whatever kind the photo is of."""
    scale = LONGEST_SIDE / max(picture.shape[:2])
    opacity = None if alpha is None else to_bytes(alpha)
    if scale < 1:
        size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        if opacity is not None:
            opacity = np.asarray(cv2.resize(opacity, size, interpolation=cv2.INTER_AREA), np.uint8)
    photo = Photo((Frame(picture, opacity),), "WEBP", icc_profile=profile, lossless=False)
    return encode_photo(photo, EncodeOptions("WEBP", _QUALITY))
