"""What else is made of a result: faces before and after, comparisons, boxes, kernels, confidence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clearface.arrays import ByteImage, as_bytes
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.photo import Frame, Photo, byte_view
from clearface.pictures import comparison, draw_faces
from clearface.pictures_of_blur import confidence_overlay, kernel_picture
from clearface.pipeline import RestoredFrame


@dataclass(frozen=True)
class Extras:
    """What else is saved beside a result."""

    crops: bool = False
    """Every face before and after, as PNG."""

    comparison: bool = False
    """The photo and its faces before and after, in one picture."""

    boxes: bool = False
    """The photo with its faces marked."""

    kernels: bool = False
    """The kernel of each face, enlarged; what kind of blur it is, is told in the report."""

    confidence: bool = False
    """The result with what is guessed marked on every face."""


def extra_pictures(source: Photo, frames: Sequence[RestoredFrame], extras: Extras) -> Iterator[tuple[str, ByteImage]]:
    """The pictures asked for, each with the ending that its file's name gets after the stem of the result's."""
    for index, (original, frame) in enumerate(zip(source.frames, frames, strict=True), start=1):
        stem = f"_frame{index:04d}" if len(frames) > 1 else ""
        if extras.crops:
            for number, face in enumerate(frame.faces, start=1):
                yield f"{stem}_face{number}_before.png", as_bytes(face.before)
                yield f"{stem}_face{number}_after.png", as_bytes(face.after)
        if extras.comparison:
            yield f"{stem}_comparison.png", comparison(byte_view(original.pixels), frame)
        if extras.boxes:
            faces = [restored.face for restored in frame.faces]
            yield f"{stem}_boxes.png", draw_faces(byte_view(original.pixels), faces)
        if extras.kernels:
            for number, face in enumerate(frame.faces, start=1):
                if face.blur is not None:
                    yield f"{stem}_face{number}_kernel.png", kernel_picture(face.blur.kernel)
        if extras.confidence:
            yield f"{stem}_confidence.png", confidence_overlay(frame)


def png_file(picture: ByteImage) -> bytes:
    """An RGB uint8 `(H, W, 3)` picture as a PNG file."""
    return encode_photo(Photo(frames=(Frame(picture),), kind="PNG", grey=False), EncodeOptions("PNG"))
