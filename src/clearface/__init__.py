"""clearface finds every face in a photo and makes it sharp, hides it, or names it: offline, on a plain CPU, without PyTorch.

    import clearface

    sharp = clearface.restore("photo.jpg")        # a path gives a Pillow image; arrays, bytes and Pillow images give their like
    hidden = clearface.hide("photo.jpg")          # the same forms; no face can be brought back
    faces = clearface.detect("photo.jpg")         # boxes, scores and five landmarks each
    people = clearface.identify("photo.jpg")      # who they are, among the people of your gallery, and how sure that is
    blurs = clearface.estimate_blur("photo.jpg")  # how each face is blurred: a kernel, how certain it is, and words for it

`Pipeline`, with a detector and a restorer of your choice, does the same frame by frame and tells more.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearface.api import detect, estimate_blur, hide, restore
    from clearface.blur_estimates import BlurEstimate, FaceBlur
    from clearface.choosing import FaceChoice
    from clearface.faces import Box, Face
    from clearface.hiding import HideStyle
    from clearface.people_choosing import PeopleChoice
    from clearface.pipeline import Pipeline, RestoredFace
    from clearface.recognition.identify import IdentifiedFace
    from clearface.recognition.identify_api import identify
    from clearface.verdicts import Verdict
    from clearface.version import __version__

__all__ = [
    "BlurEstimate",
    "Box",
    "Face",
    "FaceBlur",
    "FaceChoice",
    "HideStyle",
    "IdentifiedFace",
    "PeopleChoice",
    "Pipeline",
    "RestoredFace",
    "Verdict",
    "__version__",
    "detect",
    "estimate_blur",
    "hide",
    "identify",
    "restore",
]

_HOMES = {
    "detect": "clearface.api",
    "estimate_blur": "clearface.api",
    "hide": "clearface.api",
    "identify": "clearface.recognition.identify_api",
    "restore": "clearface.api",
    "BlurEstimate": "clearface.blur_estimates",
    "Box": "clearface.faces",
    "Face": "clearface.faces",
    "FaceBlur": "clearface.blur_estimates",
    "FaceChoice": "clearface.choosing",
    "HideStyle": "clearface.hiding",
    "IdentifiedFace": "clearface.recognition.identify",
    "PeopleChoice": "clearface.people_choosing",
    "Pipeline": "clearface.pipeline",
    "RestoredFace": "clearface.pipeline",
    "Verdict": "clearface.verdicts",
    "__version__": "clearface.version",
}


def __getattr__(name: str) -> object:
    """Imports what is asked for on first use, so that `import clearface` costs nothing (PEP 562).

    Raises DependencyError, naming the package to install, where a library of the system is missing.
    """
    from importlib import import_module

    if name in _HOMES:
        try:
            return getattr(import_module(_HOMES[name]), name)
        except ImportError as error:
            from clearface.errors import DependencyError
            from clearface.system import explain_import_error

            sentence = explain_import_error(error)
            if sentence is None:
                raise
            raise DependencyError(sentence) from error
    raise AttributeError(f"module 'clearface' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
