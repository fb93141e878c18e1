"""The one place the version is written down; the package metadata is read from here."""

__version__ = "0.1.0"
