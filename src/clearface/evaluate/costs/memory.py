"""The most memory a process has held."""

import sys
from pathlib import Path


def peak_memory() -> int:
    """Bytes: the largest resident size this process has had so far.

    On Linux the high-water mark of the program itself (`VmHWM`): `getrusage` counts what its parent held when it was started
    too. On other Unix systems `getrusage`, on Windows the peak working set, by way of psutil. Raises DependencyError where that
    is missing.
    """
    mark = _high_water_mark(Path("/proc/self/status"))
    if mark is not None:
        return mark
    if sys.platform == "win32":
        return _peak_working_set()
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def _high_water_mark(status: Path) -> int | None:
    """As Linux tells it; None where there is no such file, or the line is left out as some sandboxes do."""
    if not status.is_file():
        return None
    for line in status.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    return None


def _peak_working_set() -> int:
    from clearface.errors import DependencyError

    try:
        import psutil  # type: ignore[import-untyped]
    except ImportError as error:
        raise DependencyError("peak memory on Windows needs the package psutil: pip install psutil") from error
    peak: int = psutil.Process().memory_info().peak_wset
    return peak
