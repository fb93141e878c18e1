"""How many processor cores there are to work with."""

import os


def usable_cores() -> int:
    """Those this process may use; all there are where the system does not tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
