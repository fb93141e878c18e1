"""What the registries of detectors and restorers have in common: entries that are plain data, built by name."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from clearface.errors import UsageError
from clearface.suggestions import did_you_mean

OptionsT = TypeVar("OptionsT")
MadeT_co = TypeVar("MadeT_co", covariant=True)


@dataclass(frozen=True)
class RegistryEntry(Generic[OptionsT, MadeT_co]):
    """One method as it is listed."""

    name: str
    summary: str
    takes: tuple[str, ...]
    """The fields of the options it uses; any other given is refused."""

    build: Callable[[OptionsT], MadeT_co]


def build_by_name(
    family: str, entries: tuple[RegistryEntry[OptionsT, MadeT_co], ...], name: str, options: OptionsT
) -> MadeT_co:
    """The method of that name, in upper or lower case.

    family: what the entries are, in the singular, for the sentences. options: a dataclass whose fields are None unless given.
    Raises UsageError for an unknown name, or for an option given that the method does not use.
    """
    return checked_entry(family, entries, name, options).build(options)


def checked_entry(
    family: str, entries: tuple[RegistryEntry[OptionsT, MadeT_co], ...], name: str, options: OptionsT
) -> RegistryEntry[OptionsT, MadeT_co]:
    """The entry of that name, which takes the options given; nothing is built. Takes and raises what `build_by_name` does."""
    for entry in entries:
        if entry.name == name.lower():
            _refuse_unused(family, entries, entry, options)
            return entry
    raise UsageError(f'there is no {family} "{name}": {did_you_mean(name, [entry.name for entry in entries])}')


def _refuse_unused(
    family: str,
    entries: tuple[RegistryEntry[Any, Any], ...],
    entry: RegistryEntry[Any, Any],
    options: Any,  # noqa: ANN401
) -> None:
    for field in fields(options):
        if getattr(options, field.name) is not None and field.name not in entry.takes:
            taken = ", ".join(_spelled(name) for name in entry.takes) or "no options"
            others = ", ".join(other.name for other in entries if field.name in other.takes)
            raise UsageError(
                f"the {family} {entry.name} has no {_spelled(field.name)}, which is for {others}; it takes {taken}"
            )


def _spelled(field_name: str) -> str:
    return field_name.replace("_", " ")
