"""A real server, a real browser, and photos of the public-domain astronaut."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserContext, Download, Locator, Page, Request, expect
from tests.server.running import RunningServer, running_server

from clearface.arrays import ByteImage

WIDE, NARROW = {"width": 1360, "height": 900}, {"width": 390, "height": 844}
LONGEST_WORK = 60_000
"""Milliseconds; as long as a test waits for photos at most."""

LARGEST = 2
"""Megabytes a photo may have."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    place = tmp_path_factory.mktemp("server")
    with running_server(place, "--workers", "1", "--rate", "0", "--max-megabytes", str(LARGEST)) as running:
        yield running


@dataclass(frozen=True)
class Photos:
    """Files to hand in."""

    one: Path
    """A blurred face, JPEG."""

    three: Path
    """Three faces, two of them blurred, PNG."""

    broken: Path
    """The beginning of a JPEG."""

    moving: Path
    """A GIF of two frames, a face in each."""


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Photos:
    place = tmp_path_factory.mktemp("photos")
    found = Photos(*(place / name for name in ("one.jpg", "three.png", "broken.jpg", "moving.gif")))
    face = Image.fromarray(astronaut[0:300, 80:380])
    blurred = face.filter(ImageFilter.GaussianBlur(2))
    blurred.save(found.one, quality=92)
    found.broken.write_bytes(found.one.read_bytes()[:400])
    wide = np.full((320, 960, 3), 90, np.uint8)
    for place_across, picture in enumerate((blurred, face, blurred)):
        left = 10 + 320 * place_across
        wide[10:310, left : left + 300] = np.asarray(picture)
    Image.fromarray(wide).save(found.three)
    face.save(found.moving, save_all=True, append_images=[blurred], duration=200)
    return found


@pytest.fixture
def complaints() -> list[str]:
    """What the browser says, and what it asks others for. A test that means to provoke some clears them."""
    return []


@pytest.fixture
def opened(browser: Browser, server: RunningServer, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens the page in a window of its own."""
    contexts: list[BrowserContext] = []

    def open_page(address: str = server.address, path: str = "/", **traits: object) -> Page:
        context = browser.new_context(**({"viewport": WIDE} | traits))  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.extend(_elsewhere(request, address)))
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    return ready(opened())


def _elsewhere(request: Request, address: str) -> list[str]:
    return [] if request.url.startswith((f"{address}/", "blob:", "data:")) else [request.url]


def ready(page: Page) -> Page:
    """The page once it knows what the server offers."""
    expect(page.locator("html[data-ready=yes]")).to_have_count(1)
    return page


def choose(page: Page, *paths: Path, restorer: str | None = "identity") -> None:
    """Hands photos in and waits until they are over. restorer: None for what is chosen already."""
    if restorer is not None:
        unfold(page)
        page.get_by_label("How", exact=True).select_option(restorer)
    page.set_input_files("#files", [str(path) for path in paths])
    over(page)


def unfold(page: Page) -> None:
    """The choices, where they are folded away."""
    if page.locator("#choices-fold:not([open])").count():
        page.locator("#choices-fold > summary").click()


def over(page: Page) -> None:
    """Waits until no photo is being worked on."""
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".card[aria-busy=true]")).to_have_count(0, timeout=LONGEST_WORK)
    for finished in page.locator(".card[data-phase=done]").all():
        finished.locator(".stage").scroll_into_view_if_needed()
        expect(finished.locator(".stage .comparison")).to_be_visible()


def card(page: Page, name: str) -> Locator:
    """The card of the photo of that name."""
    return page.locator(".card", has=page.get_by_role("heading", name=name, exact=True))


def saved(download: Download) -> bytes:
    """What was downloaded."""
    return Path(download.path()).read_bytes()
