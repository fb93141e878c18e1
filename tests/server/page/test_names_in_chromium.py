"""Names on the page, in a real browser: as text, whatever they are."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.people import blurred, make_gallery, save, somebody_else, someone, someone_again, told
from tests.server.page.conftest import card, over, ready, unfold
from tests.server.running import RunningServer, running_server

from clearface.arrays import ByteImage

STRANGE = "<img src=x onerror=\"document.title='caught'\"> 😀 '\"" + "x" * 440
"""What must be shown and must not be obeyed."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    people = {"Eileen": [someone(astronaut)], STRANGE: [somebody_else(astronaut)]}
    return make_gallery(tmp_path_factory.mktemp("gallery"), people, "flew to <b>space</b>")


@pytest.fixture(scope="module")
def naming_server(tmp_path_factory: pytest.TempPathFactory, place: Path) -> Iterator[RunningServer]:
    options = ("--workers", "1", "--rate", "0", *map(str, told(place)))
    with running_server(tmp_path_factory.mktemp("naming"), *options) as running:
        yield running


@pytest.fixture
def naming(opened: Callable[..., Page], naming_server: RunningServer) -> Page:
    """The page of a server that knows people, ready to name them."""
    page = ready(opened(naming_server.address))
    unfold(page)
    page.get_by_label("Name faces").check()
    return page


def hand_in(page: Page, *photos: Path) -> None:
    page.set_input_files("#files", [str(photo) for photo in photos])
    over(page)


def test_a_name_stands_beside_its_face(naming: Page, astronaut: ByteImage, tmp_path: Path) -> None:
    hand_in(naming, save(someone_again(astronaut), tmp_path / "again.png"))
    shown = card(naming, "again.png")
    expect(shown.locator(".card-state")).to_contain_text("1 face found")
    expect(shown.locator(".face-name")).to_have_text("Face 1: Eileen")
    expect(shown.locator(".face-verdict")).to_contain_text("Probability")
    expect(shown.locator(".face-tick")).to_be_hidden()
    shown.locator(".face-look").click()
    facts = naming.locator("#face-facts")
    expect(naming.locator("#face-title")).to_have_text("Face 1: Eileen")
    expect(facts.locator(".face-description")).to_have_text("Flew to <b>space</b>.")
    expect(facts.locator(".face-why")).to_contain_text("of those known are missed")
    expect(facts.locator(".face-why")).to_contain_text("of strangers are named")


def test_disagreement_names_nobody_and_is_explained(naming: Page, astronaut: ByteImage, tmp_path: Path) -> None:
    hand_in(naming, save(blurred(someone(astronaut), 2.4), tmp_path / "blurred.png"))
    shown = card(naming, "blurred.png")
    expect(shown.locator(".face-name")).to_have_text("Face 1")
    expect(shown.locator(".face-verdict")).to_have_text("Unknown")
    shown.locator(".face-look").click()
    expect(naming.locator(".face-why")).to_contain_text("The two disagree, so nobody is named".lower()[4:])


def test_names_are_text_and_nothing_else(naming: Page, astronaut: ByteImage, tmp_path: Path) -> None:
    title = naming.title()
    hand_in(naming, save(somebody_else(astronaut), tmp_path / "else.png"))
    shown = card(naming, "else.png")
    expect(shown.locator(".face-name")).to_have_text(f"Face 1: {STRANGE}")
    shown.locator(".face-look").click()
    expect(naming.locator("#face-title")).to_have_text(f"Face 1: {STRANGE}")
    assert naming.locator("img[src=x]").count() == 0
    assert naming.title() == title
    assert not naming.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_names_are_there_for_everyone(naming: Page, astronaut: ByteImage, tmp_path: Path) -> None:
    hand_in(naming, save(someone(astronaut), tmp_path / "one.png"))
    found = Axe().run(naming).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_a_server_that_knows_nobody_offers_no_names(page: Page) -> None:
    unfold(page)
    expect(page.get_by_text("Hide faces", exact=True)).to_have_count(1)
    expect(page.get_by_text("Name faces", exact=True)).to_have_count(0)


def test_what_photos_are_written_as_is_not_asked(naming: Page, browser: Browser) -> None:
    assert naming.locator("[data-option=format]").is_hidden()
    assert naming.locator("[data-option=restorer]").is_hidden()
