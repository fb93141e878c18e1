"""The sample that ships with clearface: NASA's portrait of Eileen Collins (public domain, by way of scikit-image), blurred.

Made by `benchmarks/make_sample.py`.
"""

from pathlib import Path


def sample_path(file_name: str) -> Path:
    """Where a sample lies."""
    return Path(__file__).with_name(file_name)
