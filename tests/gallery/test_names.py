"""What people may be called, and how names are compared."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface.errors import UsageError
from clearface.gallery.base import LONGEST_NAME
from clearface.gallery.names import (
    LONGEST_DESCRIPTION,
    LONGEST_LINK,
    can_be_kept,
    checked_description,
    checked_link,
    checked_name,
    name_key,
    shown_name,
)

CONTROLS = (*range(32), *range(127, 160), 0x2028, 0x2029)
HALVES = (0xD800, 0xDCFF, 0xDFFF)
"""Of characters."""

LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
NAMES = st.text(LETTERS, min_size=1, max_size=60).filter(lambda name: bool(name.strip()))
few = settings(max_examples=50)


@few
@given(NAMES)
def test_a_checked_name_is_in_one_form_and_stays(name: str) -> None:
    kept = checked_name(f" {name}\t")
    assert unicodedata.is_normalized("NFC", kept)
    assert kept == kept.strip()
    assert checked_name(kept) == kept
    assert can_be_kept(kept)


@few
@given(NAMES)
def test_spellings_of_one_name_have_one_key(name: str) -> None:
    key = name_key(name)
    assert name_key(checked_name(name)) == key
    for spelling in (
        unicodedata.normalize("NFD", name),
        unicodedata.normalize("NFC", name),
        f"  {name} ",
        unicodedata.normalize("NFC", name).casefold(),
        unicodedata.normalize("NFD", name).casefold(),
    ):
        assert name_key(spelling) == key
    assert name_key(key) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zo\u00eb", "ZOE\u0308"),
        ("Stra\u00dfe", "STRASSE"),
        (
            "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2",
            "\u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3",
        ),  # both forms of sigma
        ("\u212bngstr\u00f6m", "\u00c5NGSTRO\u0308M"),
        ("\u1fb3\u0301", "\u1fb4"),  # an iota below that folding takes apart
        ("\u0391\u0345\u0301", "\u1fb4"),
        ("\uac00\ub098", "\u1100\u1161\u1102\u1161"),
    ],
)
def test_names_that_are_one(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Ann", "Anne"), ("Zoe", "Zo\u00eb"), ("I", "\u0131"), ("A B", "AB")])
def test_names_that_are_two(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_the_longest_name() -> None:
    for letter in ("n", "\u540d", "\U0001f600"):
        longest = letter * LONGEST_NAME
        assert checked_name(f" {longest} ") == longest  # blanks around it do not count
        with pytest.raises(UsageError, match=f'"{letter * 40}[.]{{3}}" has 501 characters; 500 is the most'):
            checked_name(longest + letter)
    decomposed = "e\u0308" * LONGEST_NAME  # counted as it is kept
    assert checked_name(decomposed) == "\u00eb" * LONGEST_NAME


@pytest.mark.parametrize(
    "name",
    ["\U0001f9d1\u200d\U0001f680 Zo\u00eb", "\U0001f1eb\U0001f1f7", 'O\'Neill "Jack"', "\u0639\u0644\u064a", "-", "名"],
)
def test_signs_a_name_may_have(name: str) -> None:
    assert checked_name(name) == name
    assert shown_name(name) == f'"{name}"'


@pytest.mark.parametrize("code", [*CONTROLS, *HALVES])
def test_letters_no_name_may_have(code: int) -> None:
    letter = chr(code)
    name = f"a{letter}b"
    assert not can_be_kept(name)
    with pytest.raises(UsageError, match="which is no letter or sign that can be shown") as caught:
        checked_name(name)
    assert str(caught.value).isprintable()
    shown = shown_name(name)
    assert shown.isprintable()
    assert shown.encode("utf-8")
    if letter in "\n\t":
        assert checked_description(name) == name
    else:
        with pytest.raises(UsageError, match="the description holds"):
            checked_description(name)


@pytest.mark.parametrize("name", ["", " ", "\t\n", "\u3000", "\u00a0"])
def test_no_name_at_all(name: str) -> None:
    with pytest.raises(UsageError, match="a person needs a name"):
        checked_name(name)


def test_long_names_are_shown_by_their_beginning() -> None:
    assert shown_name("n" * 40) == '"' + "n" * 40 + '"'
    assert shown_name("n" * 5000) == '"' + "n" * 40 + '..."'


def test_the_longest_description() -> None:
    assert len(checked_description("d" * LONGEST_DESCRIPTION)) == LONGEST_DESCRIPTION
    with pytest.raises(UsageError, match="a description has 10,000 characters at most, and this one 10,001"):
        checked_description("d" * (LONGEST_DESCRIPTION + 1))


@pytest.mark.parametrize("link", ["https://example.org/?q='\"", "HTTP://EXAMPLE.ORG", " https://example.org "])
def test_links_that_are_kept(link: str) -> None:
    assert checked_link(link) == link.strip()


def test_an_empty_link_is_none() -> None:
    assert checked_link("  ") is None


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "example.org",
        "https:/example.org",
        "https://example.org/a b",
        "https://example.org/" + "x" * LONGEST_LINK,
        "https://example.org/\x1b[31m",
    ],
)
def test_links_that_are_refused(link: str) -> None:
    with pytest.raises(UsageError, match=r"is no web address|the link holds") as caught:
        checked_link(link)
    assert len(str(caught.value)) < 300
