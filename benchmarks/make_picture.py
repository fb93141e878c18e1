"""Makes the picture README opens with: the blurred sample and what the default restorer makes of it.

python benchmarks/make_picture.py
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from clearface.api import restore
from clearface.pictures import side_by_side
from clearface.samples import sample_path

SHOWN = (slice(14, 294), slice(96, 376))
ENLARGEMENT = 1.5


def main() -> None:
    with Image.open(sample_path("astronaut_blurred.jpg")) as image:
        blurred = np.asarray(image.convert("RGB"))
    pair = side_by_side(blurred[SHOWN], restore(blurred)[SHOWN])
    enlarged = cv2.resize(pair, None, fx=ENLARGEMENT, fy=ENLARGEMENT, interpolation=cv2.INTER_CUBIC)
    path = Path(__file__).parents[1] / "docs" / "pictures" / "demo.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(enlarged, np.uint8)).save(path, quality=90)
    print(path)


if __name__ == "__main__":
    main()
