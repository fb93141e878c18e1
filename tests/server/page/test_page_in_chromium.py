"""The page in a real browser, on a real server."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import urllib3
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Dialog, FileChooser, Locator, Page, Response, Route, expect
from tests.server.page.conftest import (
    LARGEST,
    LONGEST_WORK,
    NARROW,
    WIDE,
    Photos,
    card,
    choose,
    over,
    ready,
    saved,
    unfold,
)
from tests.server.running import RunningServer, running_server

from clearface.server.page.routes import STATIC_FOLDER

HEAVIEST = 150_000
"""Bytes of the page with all it needs, as they come over the wire."""

TOKEN = "a-token-of-letters-and-signs"

Opened = Callable[..., Page]


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def loaded(picture: Locator) -> None:
    """Waits until there is something to see."""
    expect(picture).to_have_js_property("complete", value=True)
    expect(picture).not_to_have_js_property("naturalWidth", value=0)


def handed_in(page: Page) -> list[dict[str, Any]]:
    """The jobs to come."""
    jobs: list[dict[str, Any]] = []

    def listen(response: Response) -> None:
        if response.request.method == "POST" and response.url.endswith("/jobs") and response.ok:
            jobs.append(response.json())

    page.on("response", listen)
    return jobs


def status_of(server: RunningServer, job: dict[str, Any]) -> int:
    return urllib3.request("GET", server.address + job["links"]["self"], retries=False).status


def told(page: Page, photos: Photos, change: Callable[[dict[str, Any]], None]) -> None:
    """Hands a photo in where events do not come through, so that the page asks, and the answers are changed on the way."""

    def answer(route: Route) -> None:
        if route.request.method != "GET":
            route.continue_()
            return
        response = route.fetch()
        job = response.json()
        change(job)
        route.fulfill(response=response, json=job)

    page.route(
        "**/events", lambda route: route.fulfill(status=200, content_type="text/event-stream", body=": none\n\n")
    )
    page.route(re.compile("/api/v1/jobs/[^/]+$"), answer)
    choose(page, photos.one)


def box(place: Locator) -> Any:
    found = place.bounding_box()
    assert found is not None
    return found


# What comes over the wire


def test_the_page_is_light_and_complete(opened: Opened) -> None:
    asked: list[str] = []
    weights: list[int] = []
    page = opened(path="/healthz")

    def weigh(response: Response) -> None:
        if "/api/" not in response.url:
            asked.append(response.url)
            weights.append(len(response.body()) + len(response.request.url))

    page.on("response", weigh)
    page.goto(page.url.removesuffix("healthz"))
    ready(page)
    scripts = {file.name for file in STATIC_FOLDER.glob("*.js")}
    assert scripts <= {address.rpartition("/")[2] for address in asked}
    others = sum(file.stat().st_size for file in STATIC_FOLDER.iterdir() if file.suffix in (".png", ".webmanifest"))
    assert sum(weights) + others < HEAVIEST


def test_nothing_but_the_page_is_served_from_its_folder(server: RunningServer) -> None:
    for path in ("../routes.py", "..%2Froutes.py", "%2e%2e/routes.py", "page.css/../../routes.py", "nothing.js"):
        assert urllib3.request("GET", f"{server.address}/static/{path}", retries=False).status == 404
    icon = urllib3.request("GET", f"{server.address}/favicon.ico", retries=False)
    assert (icon.status, icon.headers["Content-Type"]) == (200, "image/png")
    manifest = urllib3.request("GET", f"{server.address}/static/clearface.webmanifest", retries=False)
    assert manifest.headers["Content-Type"].startswith("application/manifest+json")
    for entry in json.loads(manifest.data)["icons"]:
        assert urllib3.request("GET", f"{server.address}/static/{entry['src']}", retries=False).status == 200


def test_this_computer_is_named_only_where_it_is_this_one(server: RunningServer) -> None:
    def words(**headers: str) -> str:
        return urllib3.request("GET", server.address, headers=headers, retries=False).data.decode()

    assert "Your photos never leave this computer" in words()
    passed_on = words(Via="1.1 proxy")
    assert "this computer" not in passed_on
    assert "Your photos go to 127.0.0.1 and nowhere else" in passed_on


# Handing in


def test_the_sample_shows_all_that_is_known_of_a_face(page: Page) -> None:
    page.get_by_role("button", name="Try it with a sample").click()
    over(page)
    photo = card(page, "sample.jpg")
    expect(photo.locator(".card-state")).to_contain_text("1 face restored")
    expect(photo.locator(".face")).to_contain_text("Restored")
    photo.locator(".mark").click()
    dialog = page.get_by_role("dialog", name="Face 1")
    expect(dialog.locator(".face-facts")).to_contain_text("Blur")
    expect(dialog.locator(".face-facts")).to_contain_text("moved")
    expect(dialog.locator(".face-facts")).to_contain_text("certain")
    expect(dialog.locator(".face-facts")).to_contain_text("Consistency")
    expect(dialog.locator(".face-facts")).to_contain_text("px")
    for name in ("before", "after"):
        loaded(dialog.get_by_role("img", name=f"Face 1, {name}"))
    kernel = dialog.get_by_role("img", name="A point of the photo, spread by the blur")
    loaded(kernel)
    assert box(kernel)["width"] == pytest.approx(kernel.evaluate("image => image.naturalWidth"), abs=1)
    dialog.get_by_label("Certainty").check()
    loaded(dialog.get_by_role("img", name="blue where it is known, red where it is guessed"))
    expect(dialog.locator(".scale")).to_contain_text("guessed")
    dialog.get_by_label("Slider").check()
    line = dialog.get_by_role("slider")
    loaded(dialog.locator(".comparison .after"))
    line.press("End")
    expect(line).to_have_attribute("aria-valuetext", "100% before, 0% after")


def test_several_photos_and_the_sentence_beside_the_broken_one(page: Page, photos: Photos) -> None:
    choose(page, photos.one, photos.broken, photos.three)
    assert page.locator(".card h3").all_text_contents() == ["one.jpg", "broken.jpg", "three.png"]
    expect(card(page, "broken.jpg").locator(".message")).to_contain_text("The file is cut short")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    expect(card(page, "broken.jpg").get_by_role("button", name="Faces marked")).to_be_hidden()
    expect(card(page, "three.png").locator(".face")).to_have_count(3)
    expect(page.locator("#summary")).to_contain_text("2 ready, 1 not done")


def test_what_cannot_be_done_is_not_even_handed_in(page: Page, tmp_path: Path) -> None:
    jobs = handed_in(page)
    large, text, empty = tmp_path / "large.jpg", tmp_path / "text.txt", tmp_path / "empty.png"
    large.write_bytes(b"\xff\xd8" + bytes(LARGEST * 1024 * 1024))
    text.write_text("no photo")
    empty.touch()
    page.set_input_files("#files", [str(path) for path in (large, text, empty)])
    expect(card(page, "large.jpg").locator(".message")).to_contain_text("the server takes photos of up to 2 MB")
    expect(card(page, "text.txt").locator(".message")).to_contain_text("This is no photo of a kind the server reads")
    expect(card(page, "empty.png").locator(".message")).to_contain_text("This file is empty")
    assert jobs == []


def test_photos_can_be_dropped(page: Page, photos: Photos) -> None:
    page.get_by_label("How", exact=True).select_option("identity")
    transfer = page.evaluate_handle(
        """bytes => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", { type: "image/jpeg" }));
          return transfer;
        }""",
        list(photos.one.read_bytes()),
    )
    page.dispatch_event("body", "dragenter", {"dataTransfer": transfer})
    expect(page.locator("#overlay")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    expect(page.locator("#overlay")).to_be_hidden()
    over(page)
    expect(card(page, "dropped.jpg").locator(".face")).to_have_count(1)


def test_photos_can_be_pasted(page: Page, photos: Photos) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("How", exact=True).select_option("identity")
    as_png = io.BytesIO()
    Image.open(photos.one).resize((150, 150)).save(as_png, "PNG")
    page.evaluate(
        """bytes => navigator.clipboard.write([
          new ClipboardItem({ "image/png": new Blob([new Uint8Array(bytes)], { type: "image/png" }) })
        ])""",
        list(as_png.getvalue()),
    )
    page.locator("#main").focus()
    page.keyboard.press("Control+V")
    over(page)
    expect(page.locator(".card h3")).to_contain_text("pasted ")
    expect(page.locator(".face")).to_have_count(1)


def test_each_frame_of_a_moving_photo_is_listed(page: Page, photos: Photos) -> None:
    choose(page, photos.moving)
    expect(page.locator(".faces")).to_contain_text("It has 2 frames. The first is shown above.")
    assert page.locator(".frame-name").all_text_contents() == ["Frame 1", "Frame 2"]
    expect(page.locator(".mark")).to_have_count(1)
    page.get_by_role("button", name="Face 1 of frame 2: look closer").click()
    expect(page.get_by_role("dialog", name="Face 1 of frame 2")).to_be_visible()


def test_faces_can_just_be_found(page: Page, photos: Photos) -> None:
    page.get_by_label("Find faces").check()
    expect(page.get_by_label("How", exact=True)).to_be_hidden()
    choose(page, photos.three, restorer=None)
    expect(page.locator(".card-state")).to_contain_text("3 faces found")
    expect(page.locator(".mark")).to_have_count(3)
    expect(page.locator(".card").get_by_role("slider")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    marked = pixels(saved(download.value))
    plain = pixels(photos.three.read_bytes())
    assert marked.shape == plain.shape
    assert (marked != plain).any()
    page.locator(".mark").first.click()
    loaded(page.get_by_role("dialog").get_by_role("img", name="Face 1, before"))


def test_faces_can_be_hidden(page: Page, photos: Photos) -> None:
    page.get_by_label("Hide faces").check()
    expect(page.get_by_label("How", exact=True)).to_be_hidden()
    choose(page, photos.three, restorer=None)
    expect(page.locator(".card-state")).to_contain_text("3 faces hidden")
    expect(page.locator(".mark")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert "_hidden" in download.value.suggested_filename
    assert (pixels(saved(download.value)) != pixels(photos.three.read_bytes())).any()


# Choices


def test_a_restorer_shows_what_it_takes(page: Page, photos: Photos) -> None:
    jobs = handed_in(page)
    expect(page.get_by_label("Fidelity")).to_be_visible()
    expect(page.get_by_label("Rounds")).to_be_hidden()
    page.get_by_label("How", exact=True).select_option("richardson-lucy")
    expect(page.get_by_label("Fidelity")).to_be_hidden()
    page.get_by_label("Kind").select_option("motion")
    length = page.get_by_label("Length (px)")
    length.fill("")
    expect(length).to_have_attribute("aria-invalid", "true")
    expect(length).to_have_accessible_description("Length is missing")
    expect(page.locator("[aria-invalid]")).to_have_count(1)
    length.fill("9")
    expect(page.locator("[aria-invalid]")).to_have_count(0)
    page.get_by_label("Angle (°)").fill("500")
    page.get_by_label("Rounds").fill("2.6")
    expect(page.locator(".field-error:visible")).to_have_text("Angle goes from 0 to 180, so it is 180")
    page.get_by_text("More choices").click()
    page.get_by_label("Save as").select_option("png")
    page.get_by_label("Which faces").select_option("largest")
    page.get_by_label("Damping", exact=True).fill("")
    choose(page, photos.one, restorer=None)
    line = "Lucy, blur: motion 9 px 180°, rounds 3, only the largest, saved as PNG"
    expect(page.locator(".card-choices")).to_contain_text(line)
    assert jobs[0]["options"] == {
        "restorer": "richardson-lucy",
        "psf": "motion:9,180",
        "iterations": 3,
        "tv": 0,
        "format": "png",
        "largest": True,
    }
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert download.value.suggested_filename.endswith(".png")
    assert saved(download.value).startswith(b"\x89PNG")


def test_other_choices_are_applied_on_request(page: Page, photos: Photos, server: RunningServer) -> None:
    jobs = handed_in(page)
    choose(page, photos.one)
    expect(page.locator("#again")).to_be_hidden()
    page.get_by_label("How", exact=True).select_option("wiener")
    page.get_by_role("button", name="Do them again").click()
    over(page)
    expect(page.locator("#again")).to_be_hidden()
    assert [job["options"]["restorer"] for job in jobs] == ["identity", "wiener"]
    expect(page.locator(".card-choices")).to_contain_text("Wiener filter")
    page.locator(".mark").click()
    expect(page.locator(".face-choices")).to_contain_text("Made with: Wiener filter")
    assert [status_of(server, job) for job in jobs] == [404, 200]


# Looking


@pytest.fixture(scope="module")
def shared(browser: Browser, server: RunningServer, photos: Photos) -> Iterator[Page]:
    """A page with a result; whoever uses it leaves it as it was found."""
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type] # its own class of dictionaries
    page = context.new_page()
    page.goto(server.address)
    choose(ready(page), photos.three)
    yield page
    context.close()


def test_the_line_moves_by_mouse_and_by_keyboard(shared: Page) -> None:
    page = shared
    line = page.locator(".card").get_by_role("slider")
    picture = box(page.locator(".card .comparison"))
    height = picture["y"] + 0.95 * picture["height"]
    page.mouse.move(picture["x"] + 0.5 * picture["width"], height)
    page.mouse.down()
    page.mouse.move(picture["x"] + 0.25 * picture["width"], height, steps=4)
    page.mouse.up()
    expect(line).to_have_value("25")
    expect(line).to_be_focused()
    cut = page.locator(".card .comparison .after").evaluate("image => getComputedStyle(image).clipPath")
    assert cut == "inset(0px 0px 0px 25%)"
    page.keyboard.press("ArrowRight")
    expect(line).to_have_value("26")
    page.keyboard.press("Home")
    expect(line).to_have_value("0")
    expect(line).to_have_attribute("aria-valuetext", "0% before, 100% after")


def test_a_drag_that_begins_on_a_face_moves_the_line(shared: Page) -> None:
    page = shared
    mark = box(page.locator(".mark").first)
    page.mouse.move(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    page.mouse.down()
    page.mouse.move(mark["x"] + mark["width"] / 2 + 60, mark["y"] + mark["height"] / 2, steps=4)
    page.mouse.up()
    expect(page.locator("#face-dialog")).to_be_hidden()
    page.locator(".mark").first.click()
    expect(page.locator("#face-dialog")).to_be_visible()
    page.keyboard.press("Escape")


def test_marks_lie_on_the_faces_and_can_be_hidden(shared: Page) -> None:
    page = shared
    picture = box(page.locator(".card .comparison"))
    middles = sorted(
        (found["x"] + found["width"] / 2 - picture["x"]) / picture["width"]
        for found in (box(mark) for mark in page.locator(".mark").all())
    )
    assert middles == pytest.approx([(140 + 320 * place) / 960 for place in range(3)], abs=0.03)
    page.get_by_role("button", name="Faces marked").click()
    expect(page.locator(".mark").first).to_be_hidden()
    page.get_by_role("button", name="Faces marked").click()
    expect(page.locator(".mark").first).to_be_visible()


def test_the_dialog_keeps_the_focus_and_gives_it_back(shared: Page) -> None:
    page = shared
    mark = page.locator(".mark").nth(1)
    mark.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#face-dialog")
    expect(dialog).to_be_visible()
    name = page.locator("#face-title")
    assert name.inner_text() == "Face 2"
    for _ in range(12):
        page.keyboard.press("Tab")
        held = page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        )
        assert held
    dialog.get_by_role("button", name="Next face").click()
    expect(name).to_have_text("Face 3")
    dialog.get_by_role("button", name="Next face").click()
    expect(name).to_have_text("Face 1")
    dialog.get_by_role("button", name="Previous face").click()
    expect(name).to_have_text("Face 3")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(name).to_have_text("Face 2")
    page.keyboard.press("ArrowLeft")
    expect(name).to_have_text("Face 1")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(mark).to_be_focused()


def test_a_face_is_called_by_its_name_where_it_has_one(page: Page, photos: Photos) -> None:
    def name(job: dict[str, Any]) -> None:
        for photo in job["photos"]:
            for face in (photo["report"] or {"faces": []})["faces"]:
                face |= {"name": "Eileen <b>Collins</b>", "description": "a woman of about 35"}

    told(page, photos, name)
    expect(page.locator(".face-name")).to_have_text("Face 1: Eileen <b>Collins</b>")
    page.locator(".mark").click()
    expect(page.get_by_role("dialog", name="Face 1: Eileen <b>Collins</b>")).to_contain_text("A woman of about 35.")


# Faces left as they were


def test_an_unticked_face_is_left_as_it_was(page: Page, photos: Photos) -> None:
    page.get_by_label("How", exact=True).select_option("richardson-lucy")
    page.get_by_label("Kind").select_option("gaussian")
    choose(page, photos.three, restorer=None)
    original = pixels(photos.three.read_bytes())
    download = page.get_by_role("button", name="Download", exact=True)

    def result() -> np.ndarray:
        with page.expect_download() as waiting:
            download.click()
        return pixels(saved(waiting.value))

    def shown() -> str | None:
        return page.locator(".card .comparison .after").get_attribute("src")

    def part(picture: np.ndarray, tile: Locator) -> np.ndarray:
        # All faces lie in one row, a third of the picture each.
        number = int(tile.locator(".face-name").inner_text().removeprefix("Face "))
        mark = page.locator(".mark", has_text=str(number))
        middle = (box(mark)["x"] + box(mark)["width"] / 2 - box(page.locator(".card .comparison"))["x"]) / box(
            page.locator(".card .comparison")
        )["width"]
        third = int(3 * middle)
        return picture[:, 320 * third : 320 * (third + 1)]

    first, before = result(), shown()
    one, other = page.locator(".face").nth(0), page.locator(".face").nth(1)
    assert (part(first, one) != part(original, one)).any()

    one.get_by_role("checkbox").uncheck()
    expect(page.locator(".card[data-revision='1']")).to_have_count(1)
    expect(one).to_contain_text("Left as it was")
    assert shown() != before
    second = result()
    assert (part(second, one) == part(original, one)).all()
    assert (part(second, other) == part(first, other)).all()
    expect(page.locator(".card-state")).to_contain_text("2 faces restored")
    expect(page.locator(".card-state")).to_contain_text("1 left as asked")

    page.locator(".face").nth(0).get_by_role("button").click()
    tick = page.get_by_role("dialog").get_by_role("checkbox", name="Use the restored face")
    expect(tick).not_to_be_checked()
    tick.check()
    expect(page.locator(".card[data-revision='2']")).to_have_count(1)
    expect(page.get_by_role("dialog").locator(".face-big-verdict")).to_have_text("Restored")
    page.keyboard.press("Escape")
    assert (result() == first).all()

    # What was unticked stays so where the photo is done again.
    page.locator(".face").nth(1).get_by_role("checkbox").uncheck()
    expect(page.locator(".card[data-revision='3']")).to_have_count(1)
    page.get_by_label("Rounds").fill("5")
    page.get_by_role("button", name="Do them again").click()
    expect(page.locator(".card-choices")).to_contain_text("rounds 5")
    over(page)
    expect(page.locator(".card-state")).to_contain_text("2 faces restored, 1 left as asked")
    assert [tick.is_checked() for tick in page.locator(".face").get_by_role("checkbox").all()] == [True, False, True]
    again = result()
    assert (part(again, other) == part(original, other)).all()
    assert (part(again, one) != part(first, one)).any()


def test_a_face_is_told_again_by_where_it_lies(shared: Page) -> None:
    told_again = shared.evaluate(
        """async () => {
          const { nearest } = await import("/static/boxes.js");
          const face = (frame, ...box) => ({ frame, box });
          const old = face(1, 0, 0, 100, 100);
          const [near, half, other] = [face(1, 4, 2, 104, 98), face(1, 50, 0, 150, 100), face(2, 0, 0, 100, 100)];
          return [nearest(old, [half, near, other]) === near, nearest(old, [half, other]), nearest(old, [])];
        }"""
    )
    assert told_again == [True, None, None]


# Many


def test_many_photos_are_jumped_to_from_small_pictures(page: Page, photos: Photos, tmp_path: Path) -> None:
    tiny = tmp_path / "tiny.png"
    Image.new("RGB", (12, 8)).save(tiny)
    choose(page, photos.one, photos.broken, tiny)
    strip = page.get_by_role("toolbar", name="Jump to a photo")
    expect(strip).to_be_hidden()
    choose(page, photos.three)
    names = [button.get_attribute("aria-label") for button in strip.get_by_role("button").all()]
    assert names == [
        "1 of 4: one.jpg, ready",
        "2 of 4: broken.jpg, not done",
        "3 of 4: tiny.png, ready",
        "4 of 4: three.png, ready",
    ]
    expect(card(page, "tiny.png").get_by_role("button", name="Faces marked")).to_be_hidden()
    assert box(card(page, "tiny.png").locator(".fit"))["width"] <= 3 * 12
    for stage in page.locator(".stage").all():
        assert box(stage)["height"] <= 0.6 * WIDE["height"]
    strip.get_by_role("button").first.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(strip.get_by_role("button").nth(2)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    title = page.get_by_role("heading", name="three.png")
    expect(title).to_be_focused()
    assert box(strip)["y"] + box(strip)["height"] <= box(title)["y"] <= WIDE["height"] / 2
    # One stop for Tab, and it is where it was left.
    expect(strip.locator("[tabindex='0']")).to_have_count(1)
    expect(strip.get_by_role("button").nth(3)).to_have_attribute("tabindex", "0")


def test_counts_add_up(shared: Page) -> None:
    line = shared.evaluate(
        """async () => {
          const { summaryOf } = await import("/static/gallery.js");
          const phases = ["done", "done", "failed", "refused", "gone", "uploading", "waiting", "working"];
          return summaryOf({ cards: phases.map(phase => ({ phase })), expires: null, trouble: null });
        }"""
    )
    assert line == "2 of 8 ready, 2 not done, 1 no longer on the server, 3 to come"


# Taking home


def test_one_or_all_can_be_downloaded(page: Page, photos: Photos) -> None:
    choose(page, photos.one, photos.three)
    choose(page, photos.one, photos.broken)
    with page.expect_download() as download:
        card(page, "three.png").get_by_role("button", name="Download", exact=True).click()
    assert download.value.suggested_filename.startswith("three")
    assert (pixels(saved(download.value)) == pixels(photos.three.read_bytes())).all()
    with page.expect_download() as everything:
        page.get_by_role("button", name="Download all (zip)").click()
    with zipfile.ZipFile(io.BytesIO(saved(everything.value))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names)) == 4
        missing = archive.read("not-done.txt").decode().splitlines()
        assert len(missing) == 1
        assert missing[0].startswith("broken.jpg: The file is cut short")
        assert sum(name.startswith("one") for name in names) == 2
        [three] = [name for name in names if name.startswith("three")]
        assert archive.read(three) == saved(download.value)


def test_reports_can_be_copied(shared: Page) -> None:
    page = shared
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy JSON").click()
    expect(page.locator(".toast")).to_contain_text("in your clipboard")
    reports = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert [report["input"] for report in reports] == ["three.png"]
    assert [len(report["faces"]) for report in reports] == [3]


# Going


def test_removed_photos_and_left_pages_are_forgotten(page: Page, photos: Photos, server: RunningServer) -> None:
    jobs = handed_in(page)
    choose(page, photos.one)
    choose(page, photos.three)
    card(page, "one.jpg").get_by_role("button", name="Remove one.jpg").click()
    expect(page.locator(".card")).to_have_count(1)
    expect(page.get_by_role("heading", name="three.png")).to_be_focused()
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto("about:blank")
    assert asked == ["beforeunload"]
    for _ in range(100):
        if [status_of(server, job) for job in jobs] == [404, 404]:
            return
        page.wait_for_timeout(50)
    pytest.fail("the server was not told that the page was left")


def test_starting_over_forgets_everything(page: Page, photos: Photos, server: RunningServer) -> None:
    jobs = handed_in(page)
    choose(page, photos.one, photos.three)
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("button", name="Keep them").click()
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_role("button", name="Start over").click()
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        page.get_by_role("button", name="Forget them").click()
    expect(page.get_by_role("heading", name="Make blurred faces sharp")).to_be_visible()
    expect(page.get_by_role("button", name="Choose photos")).to_be_focused()
    assert [status_of(server, job) for job in jobs] == [404]


def test_what_is_gone_is_told_and_can_be_done_again(
    page: Page, photos: Photos, server: RunningServer, complaints: list[str]
) -> None:
    jobs = handed_in(page)
    choose(page, photos.one)
    expect(page.locator("#summary")).to_contain_text("kept until")
    urllib3.request("DELETE", server.address + jobs[0]["links"]["self"], retries=False)
    page.get_by_role("button", name="Download", exact=True).click()
    expect(page.locator(".message")).to_contain_text("The server has deleted this photo and its result")
    page.get_by_role("button", name="Do it again").click()
    over(page)
    expect(page.locator(".card[data-phase=done]")).to_have_count(1)
    assert all("404" in complaint for complaint in complaints)
    complaints.clear()


def test_results_whose_time_is_over_are_told_unasked(page: Page, photos: Photos) -> None:
    def shorten(job: dict[str, Any]) -> None:
        job["expires"] = job["expires"] and job["created"]

    told(page, photos, shorten)
    expect(page.locator(".message")).to_contain_text("The server has deleted this photo and its result")
    expect(page.get_by_role("button", name="Do it again")).to_be_visible()


# A server that is busy, away, or closed to strangers


def test_a_fault_of_the_server_can_be_tried_again(page: Page, photos: Photos) -> None:
    def spoil(job: dict[str, Any]) -> None:
        sentence = "one.jpg: something broke in clearface while it worked on this photo"
        job |= {"state": "failed"}
        job["photos"][0] |= dict.fromkeys(("report", "result", "view")) | {"state": "failed", "error": sentence}
        job["photos"][0]["fault"] = "server"

    told(page, photos, spoil)
    expect(page.locator(".message")).to_contain_text("Something broke in clearface")
    page.unroute(re.compile("/api/v1/jobs/[^/]+$"))
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".card[data-phase=done]")).to_have_count(1, timeout=LONGEST_WORK)


def test_a_busy_server_is_tried_again(page: Page, photos: Photos, complaints: list[str]) -> None:
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if route.request.method == "POST" and not refused:
            refused.append(route.request.url)
            route.fulfill(status=429, headers={"Retry-After": "2"}, json={"error": "64 photos wait already"})
        else:
            route.continue_()

    page.route("**/api/v1/jobs", refuse_once)
    page.get_by_label("How", exact=True).select_option("identity")
    page.set_input_files("#files", str(photos.one))
    expect(page.locator(".card-state")).to_contain_text("64 photos wait already. Trying again in")
    over(page)
    expect(page.locator(".card[data-phase=done]")).to_have_count(1)
    assert all("429" in complaint for complaint in complaints)
    complaints.clear()


def test_a_server_out_of_reach_is_told_and_tried_again(page: Page, photos: Photos, complaints: list[str]) -> None:
    page.get_by_label("How", exact=True).select_option("identity")
    page.context.set_offline(True)
    page.set_input_files("#files", str(photos.one))
    expect(page.locator(".card-state")).to_contain_text("The server cannot be reached. Trying again in")
    expect(page.locator("#summary")).to_have_text("The server cannot be reached. Trying again; 0 of 1 ready")
    page.context.set_offline(False)
    over(page)
    expect(page.locator(".card[data-phase=done]")).to_have_count(1)
    assert all("ERR_INTERNET_DISCONNECTED" in complaint for complaint in complaints)
    complaints.clear()


def test_a_token_is_asked_for_or_taken_from_the_address(
    opened: Opened, photos: Photos, tmp_path: Path, complaints: list[str]
) -> None:
    place = tmp_path / "server"
    place.mkdir()
    with running_server(place, "--workers", "1", environment={"CLEARFACE_TOKEN": TOKEN}) as closed:
        page = opened(closed.address)
        dialog = page.get_by_role("dialog", name="This server asks for a token")
        dialog.get_by_label("Token").fill("wrong")
        page.keyboard.press("Enter")
        expect(dialog).to_contain_text("not the right one")
        assert all("401" in complaint for complaint in complaints)
        complaints.clear()
        dialog.get_by_label("Token").fill(TOKEN)
        page.keyboard.press("Enter")
        choose(ready(page), photos.one)
        expect(page.locator(".card[data-phase=done]")).to_have_count(1)

        page = opened(closed.address, path=f"/#token={TOKEN}")
        ready(page)
        assert TOKEN not in page.url
        choose(page, photos.one)
        expect(page.locator(".card[data-phase=done]")).to_have_count(1)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download", exact=True).click()
        assert pixels(saved(download.value)).shape == pixels(photos.one.read_bytes()).shape


# For everyone


def test_from_start_to_download_by_keyboard_alone(page: Page, photos: Photos) -> None:
    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == name:
                seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert seen == "solid"
                return
        pytest.fail(f"Tab never came to {name}")

    def answer(chooser: FileChooser) -> None:
        choosers.append(chooser)
        chooser.set_files(str(photos.one))

    choosers: list[FileChooser] = []
    page.on("filechooser", answer)
    tab_to("Skip to the photos")
    tab_to("Choose photos")
    page.keyboard.press("Enter")
    expect(page.locator("#results-title")).to_be_focused()
    assert [chooser.is_multiple() for chooser in choosers] == [True]
    over(page)
    tab_to("Download")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert pixels(saved(download.value)).shape == pixels(photos.one.read_bytes()).shape
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    page.reload()  # Nothing is lost that was not saved, so nothing is asked.
    assert asked == []


def test_colours_follow_the_system_until_chosen(opened: Opened) -> None:
    page = ready(opened(color_scheme="dark"))

    def brightness() -> int:
        found: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in found.removeprefix("rgb(").removesuffix(")").split(","))

    assert brightness() < 150
    button = page.get_by_role("button", name="Colours")
    button.click()
    expect(button).to_have_accessible_name("Colours: light")
    assert brightness() > 600
    page.reload()
    expect(button).to_have_accessible_name("Colours: light")
    assert brightness() > 600
    button.click()
    page.emulate_media(color_scheme="light")
    assert brightness() < 150


def test_a_phone(opened: Opened, photos: Photos) -> None:
    page = ready(opened(viewport=NARROW, is_mobile=True, has_touch=True, device_scale_factor=2))

    def fits() -> bool:
        return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth && innerWidth === 390"))

    expect(page.get_by_role("button", name="Take a photo")).to_be_visible()
    assert page.locator("#camera").get_attribute("capture") == "environment"
    assert fits()
    unfold(page)
    assert fits()
    choose(page, photos.three)
    assert fits()
    expect(page.locator(".face").first).to_contain_text("Face 1 of 3")
    cut = page.locator(".face-line").evaluate_all("lines => lines.some(line => line.scrollWidth > line.clientWidth)")
    assert not cut
    row = box(page.get_by_role("button", name="Start over"))["y"]
    assert box(page.get_by_role("button", name="Copy JSON"))["y"] == pytest.approx(row, abs=1)
    page.set_viewport_size({"width": 320, "height": 640})
    for button in page.locator(".top a, .top button, .card-buttons button").all():
        assert box(button)["x"] + box(button)["width"] <= 320 - 16
        assert box(button)["height"] <= 48
    page.set_viewport_size(NARROW)  # type: ignore[arg-type] # its own class of dictionaries
    picture = box(page.locator(".card .comparison"))
    page.touchscreen.tap(picture["x"] + 0.9 * picture["width"], picture["y"] + 0.05 * picture["height"])
    expect(page.locator(".card").get_by_role("slider")).to_have_value("90")
    page.locator(".mark").first.tap()
    expect(page.locator("#face-dialog")).to_be_visible()
    assert fits()
    wide = page.locator("#face-dialog").evaluate("dialog => dialog.scrollWidth > dialog.clientWidth")
    assert not wide


def test_axe_finds_nothing_serious(opened: Opened, photos: Photos) -> None:
    page = ready(opened(reduced_motion="reduce"))

    def serious(size: dict[str, int], scheme: Literal["light", "dark"]) -> list[str]:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)
        violations = Axe().run(page).response["violations"]
        return [
            f"{found['id']}: {node['html'][:200]} {node['failureSummary']}"
            for found in violations
            if found["impact"] in ("serious", "critical")
            for node in found["nodes"]
        ]

    page.get_by_label("How", exact=True).select_option("richardson-lucy")
    page.get_by_text("More choices").click()
    assert serious(WIDE, "light") == []
    assert serious(WIDE, "dark") == []
    choose(page, photos.three, photos.broken, photos.one, photos.moving)
    page.get_by_label("How", exact=True).select_option("wiener")
    assert serious(WIDE, "light") == []
    assert serious(NARROW, "dark") == []
    page.locator(".mark").first.click()
    loaded(page.get_by_role("dialog").get_by_role("img").first)
    assert serious(NARROW, "light") == []
    assert serious(WIDE, "dark") == []


def test_the_layout_does_not_jump(page: Page, photos: Photos) -> None:
    page.evaluate(
        """() => {
          window.shifts = [];
          new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(entry => [
            entry.value, entry.hadRecentInput, ...entry.sources.map(source => source.node?.className)
          ]))).observe({ type: "layout-shift", buffered: true });
        }"""
    )
    choose(page, photos.one, photos.three, photos.broken, photos.one)
    page.get_by_role("button", name="Add photos").focus()
    choose(page, photos.one, restorer=None)
    # What follows a click at once is no surprise to whoever clicked.
    shifts = [shift for shift in page.evaluate("window.shifts") if not shift[1]]
    assert sum(shift[0] for shift in shifts) < 0.01, shifts
