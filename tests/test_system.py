import ctypes
import importlib
import importlib.machinery
import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from clearface.system import explain_import_error


@pytest.mark.parametrize(
    ("message", "package"),
    [
        ("libGL.so.1: cannot open shared object file: No such file or directory", "libgl1"),
        ("libglib-2.0.so.0: cannot open shared object file: No such file or directory", "libglib2.0-0"),
        ("libgthread-2.0.so.0: cannot open shared object file: No such file or directory", "libglib2.0-0"),
        ("libgomp.so.1: cannot open shared object file: No such file or directory", "libgomp1"),
        ("libxcb.so.1: cannot open shared object file: No such file or directory", "libxcb1"),
        ("libSM.so.6: cannot open shared object file: No such file or directory", "libsm6"),
        ("libstdc++.so.6: cannot open shared object file: No such file or directory", "libstdc++6"),
    ],
)
def test_names_the_debian_package_of_a_missing_library(message: str, package: str) -> None:
    sentence = explain_import_error(ImportError(message, name="cv2"))
    assert sentence is not None
    assert message.partition(":")[0] in sentence
    assert f"apt-get install {package}`" in sentence


def test_the_dynamic_loader_says_it_in_these_words(tmp_path: Path) -> None:
    """A real extension module, linked against a library that is then taken away."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler to build the module with")
    (tmp_path / "empty.c").write_text("int nothing(void) { return 0; }")
    (tmp_path / "module.c").write_text("int nothing(void); int PyInit_broken(void) { return nothing(); }")
    library, module = tmp_path / "libnowhere.so", tmp_path / f"broken{importlib.machinery.EXTENSION_SUFFIXES[0]}"
    shared = [compiler, "-shared", "-fPIC", "-o"]
    subprocess.run([*shared, library, tmp_path / "empty.c", "-Wl,-soname,libnowhere-7.so.3"], check=True)
    subprocess.run([*shared, module, tmp_path / "module.c", library], check=True)
    specification = importlib.util.spec_from_file_location("broken", module)
    assert specification is not None
    with pytest.raises(ImportError) as caught:
        importlib.util.module_from_spec(specification)
    assert explain_import_error(caught.value) == (
        "the system library libnowhere-7.so.3 is missing: install the package of your system that has it"
    )


def test_the_words_of_dlopen() -> None:
    with pytest.raises(OSError, match="cannot open shared object file") as caught:
        ctypes.CDLL("libGL-of-nowhere.so.1")
    sentence = explain_import_error(ImportError(str(caught.value)))
    assert sentence is not None
    assert "libGL-of-nowhere.so.1 is missing" in sentence


def test_a_library_that_is_too_old() -> None:
    message = (
        "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found "
        "(required by /venv/lib/python3.11/site-packages/onnxruntime/capi/onnxruntime_pybind11_state.so)"
    )
    sentence = explain_import_error(ImportError(message))
    assert sentence is not None
    assert "libstdc++.so.6 is too old" in sentence
    assert "GLIBCXX_3.4.32" in sentence


def test_windows_without_the_runtime() -> None:
    message = "DLL load failed while importing onnxruntime_pybind11_state: The specified module could not be found."
    sentence = explain_import_error(ImportError(message))
    assert sentence is not None
    assert "Microsoft Visual C++ Redistributable" in sentence


@pytest.mark.parametrize(
    ("module", "advice"),
    [
        ("mtcnn", "clearface[mtcnn]"),
        ("dlib", "clearface[dlib]"),
        ("tensorflow.python", "clearface[mtcnn]"),
        ("pillow_heif", "clearface[heif]"),
        ("torch", "clearface[train]"),
        ("cv2", "--force-reinstall clearface"),
    ],
)
def test_packages_of_clearface_and_its_extras(module: str, advice: str) -> None:
    sentence = explain_import_error(ModuleNotFoundError(f"No module named {module!r}", name=module))
    assert sentence is not None
    assert advice in sentence


def test_says_nothing_about_what_it_does_not_know() -> None:
    with pytest.raises(ImportError) as caught:
        importlib.import_module("a_module_of_somebody_else")
    assert explain_import_error(caught.value) is None
    assert explain_import_error(ImportError("cannot import name 'restore' from 'clearface'")) is None
