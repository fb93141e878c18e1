"""What an evaluation ran on: the machine and the packages, without anything about whose they are."""

import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from clearface.cores import usable_cores

PACKAGES = (
    "dlib-bin",
    "face_recognition_models",
    "h5py",
    "mtcnn",
    "numpy",
    "onnxruntime",
    "opencv-python-headless",
    "opencv-python",
    "pillow",
    "scikit-image",
    "scipy",
    "tensorflow-cpu",
    "tensorflow",
    "torch",
    "torchmetrics",
)
"""Those that decide numbers, by the names they are installed under."""

_GIBIBYTE = 1 << 30


def machine_facts() -> dict[str, str]:
    """Processor, instructions, cores, memory and system in words; what the system does not tell is left out."""
    facts = {
        "processor": _processor(),
        "instructions": _instructions(),
        "cores": _cores(),
        "memory": _memory(),
        "system": " ".join(part for part in (platform.system(), platform.machine()) if part),
    }
    return {name: words for name, words in facts.items() if words}


def package_versions() -> dict[str, str]:
    """Versions of Python and of those of `PACKAGES` that are installed."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _processor() -> str:
    """The name its maker gave it, where the system tells it."""
    if sys.platform == "darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        named = re.search(r"^model name\s*:\s*(.+)$", listing.read_text(encoding="utf-8", errors="replace"), re.M)
        if named:
            return named[1].strip()
    return platform.processor() or platform.machine()


def _instructions() -> str:
    """The vector instructions that NumPy found, widest last: results may differ in their last digits between them."""
    import numpy as np

    found = np.show_config(mode="dicts")
    extensions = found.get("SIMD Extensions", {}) if isinstance(found, dict) else {}
    return " ".join([*extensions.get("baseline", []), *extensions.get("found", [])][-1:])


def _cores() -> str:
    """Those this process may use, which may be fewer than there are."""
    there, usable = os.cpu_count() or 1, usable_cores()
    return str(there) if usable == there else f"{usable} of {there}"


def _memory() -> str:
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names or "SC_PAGE_SIZE" not in names:
        return ""
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / _GIBIBYTE:.0f} GiB"
