"""Makes docs/pictures/hidden.jpg: the public-domain portrait of scikit-image, its face hidden in every way.

python -m benchmarks.make_hidden_picture
"""

from pathlib import Path

import cv2
import numpy as np
import skimage.data
from PIL import Image

import clearface
from clearface.hiding import HideStyle

TARGET = Path(__file__).parent.parent / "docs" / "pictures" / "hidden.jpg"
SIDE, GAP = 300, 6


def smiley(folder: Path) -> Path:
    """A yellow face, drawn."""
    canvas = np.zeros((256, 256, 4), np.uint8)
    cv2.circle(canvas, (128, 128), 124, (255, 204, 40, 255), -1, cv2.LINE_AA)
    for x in (88, 168):
        cv2.ellipse(canvas, (x, 100), (14, 22), 0, 0, 360, (70, 45, 10, 255), -1, cv2.LINE_AA)
    cv2.ellipse(canvas, (128, 140), (66, 56), 0, 15, 165, (70, 45, 10, 255), 12, cv2.LINE_AA)
    path = folder / "smiley.png"
    Image.fromarray(canvas).save(path)
    return path


def main() -> None:
    """Writes the picture."""
    import tempfile

    portrait = np.ascontiguousarray(skimage.data.astronaut()[:300, 80:380])
    with tempfile.TemporaryDirectory() as folder:
        styles = (
            HideStyle(),
            HideStyle("mosaic", shape="face"),
            HideStyle("solid", shape="box", feather=0.0),
            HideStyle("picture", picture=smiley(Path(folder))),
        )
        hidden = [clearface.hide(portrait, style, seed=1) for style in styles]
    gap = np.full((SIDE, GAP, 3), 255, np.uint8)
    row = [portrait]
    for picture in hidden:
        row += [gap, picture]
    Image.fromarray(np.concatenate(row, 1)).save(TARGET, quality=88, optimize=True)


if __name__ == "__main__":
    main()
