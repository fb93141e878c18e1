"""From the loader's words to the package that is missing."""

import re

_DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libatomic.so.1": "libatomic1",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libxcb.so.1": "libxcb1",
    "libz.so.1": "zlib1g",
}

_EXTRAS = {
    "dlib": "dlib",
    "face_recognition_models": "dlib",
    "mtcnn": "mtcnn",
    "tensorflow": "mtcnn",
    "pillow_heif": "heif",
    "h5py": "train",
    "jinja2": "evaluate",
    "lightning_fabric": "train",
    "onnx": "train",
    "pgvector": "postgres",
    "psycopg": "postgres",
    "safetensors": "train",
    "supervision": "trackers",
    "tensorboard": "train",
    "torch": "train",
    "torchmetrics": "evaluate",
    "trackers": "trackers",
}
"""Which extra of clearface brings a Python package."""

_RUNTIME = {
    "PIL",
    "alembic",
    "av",
    "cv2",
    "numpy",
    "onnxruntime",
    "platformdirs",
    "rich",
    "scipy",
    "skimage",
    "sqlalchemy",
    "tifffile",
    "typer",
}

_MISSING_LIBRARY = re.compile(r"(?P<library>lib[^\s:/]+\.so[.\d]*): cannot open shared object file")
_OLD_LIBRARY = re.compile(r"(?P<library>[^\s:/]+\.so[.\d]*): version [`'](?P<version>[^']+)' not found")
_WINDOWS_LIBRARY = re.compile(r"DLL load failed while importing (?P<module>\w+)")


def explain_import_error(error: ImportError) -> str | None:
    """One sentence that says what to install so that the import succeeds; None where clearface cannot tell.

    Known are shared libraries missing from a slim Linux image (with the Debian package that has them) or too old for the
    installed wheel, the C++ runtime missing on Windows, and the Python packages clearface itself or one of its extras brings.
    """
    message = str(error)
    if found := _MISSING_LIBRARY.search(message):
        return _missing_library(found["library"])
    if found := _OLD_LIBRARY.search(message):
        return (
            f"the system's {found['library']} is too old for an installed Python package (it lacks {found['version']}): "
            "use a newer system, or an older release of that package"
        )
    if found := _WINDOWS_LIBRARY.search(message):
        return (
            f"{found['module']} cannot be loaded because a system library is missing: "
            "install the Microsoft Visual C++ Redistributable"
        )
    return _missing_package(error)


def _missing_library(library: str) -> str:
    package = _DEBIAN_PACKAGES.get(library)
    if package is None:
        return f"the system library {library} is missing: install the package of your system that has it"
    return f"the system library {library} is missing: install it with `apt-get install {package}` (its name on Debian and Ubuntu)"


def _missing_package(error: ImportError) -> str | None:
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    package = error.name.partition(".")[0]
    if package in _EXTRAS:
        return f"the Python package {package} is missing: install it with `pip install 'clearface[{_EXTRAS[package]}]'`"
    if package in _RUNTIME:
        return f"the Python package {package} is missing: install clearface again with `pip install --force-reinstall clearface`"
    return None
