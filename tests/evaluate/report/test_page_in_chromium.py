"""The page in a real browser, opened from the disk."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from clearface.evaluate import results
from clearface.evaluate.report.page import render_report

WIDE, NARROW = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def report(
    tmp_path_factory: pytest.TempPathFactory, evaluation: results.Evaluation, examples: list[results.Example]
) -> str:
    """Where the page lies."""
    shown = [
        example
        for example in examples
        if example.test in ("shen", evaluation.tests[-2].name) and example.method in ("smfd", "wiener")
    ]
    path = tmp_path_factory.mktemp("a folder & more") / "report.html"
    path.write_text(render_report(evaluation, shown), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser says, and what it asks others for."""
    return []


@pytest.fixture
def page(browser: Browser, report: str, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type] # its own class of dictionaries
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: complaints.extend(_elsewhere(request)))
    opened.goto(report)
    yield opened
    context.close()
    assert complaints == []


def _elsewhere(request: Request) -> list[str]:
    return [] if request.url.startswith(("file:", "data:")) else [request.url]


def methods(table: Locator) -> list[str]:
    return [name.strip() for name in table.locator("tbody th .method-name").all_text_contents()]


def figures(table: Locator, column: int) -> list[float]:
    cells = table.locator(f"tbody tr td:nth-child({column + 1})")
    found: list[float] = cells.evaluate_all("cells => cells.map(cell => parseFloat(cell.dataset.sort ?? 'NaN'))")
    return found


def test_the_browser_finds_no_fault(page: Page) -> None:
    assert page.title().startswith("Which method restores faces best?")
    assert page.evaluate("typeof x") == "undefined"
    page.locator("details:not([open]) > summary").first.click()
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 0)")


def test_the_policy_is_in_force(page: Page, complaints: list[str]) -> None:
    page.evaluate("new Image().src = 'https://clearface.invalid/picture.png'")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.intruder=1\">')")
    page.wait_for_timeout(200)
    assert page.evaluate("window.intruder === undefined")
    assert any("Content Security Policy" in complaint for complaint in complaints)
    complaints.clear()


def test_a_click_sorts_another_turns_it_round_and_method_undoes_it(page: Page) -> None:
    table = page.locator("table.figures").first
    first = methods(table)
    assert first[0] == "input"
    psnr = table.get_by_role("button", name="PSNR", exact=True)
    psnr.click()
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    assert figures(table, 1) == sorted(figures(table, 1), reverse=True)
    assert methods(table) != first
    psnr.click()
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    assert figures(table, 1) == sorted(figures(table, 1))
    table.get_by_role("button", name="Method").click()
    assert methods(table) == first
    assert table.locator("th[aria-sort]").count() == 0


def test_the_best_comes_first_where_lower_is_better_and_gaps_come_last(page: Page) -> None:
    table = page.locator("table.figures").first
    table.get_by_role("button", name="LPIPS (alex)").press("Enter")
    assert figures(table, 3) == sorted(figures(table, 3))
    table.get_by_role("button", name="Outside change").press("Enter")
    assert methods(table)[-1] == "input"
    table.get_by_role("button", name="Outside change").press("Enter")
    assert methods(table)[-1] == "input"


def scales(strip: Locator) -> list[float]:
    found: list[float] = strip.locator("img").evaluate_all(
        "all => all.map(image => new DOMMatrix(getComputedStyle(image).transform).a)"
    )
    return found


def origins(strip: Locator) -> list[list[float]]:
    """Where each picture is enlarged around, as parts of its sides."""
    found: list[list[float]] = strip.locator("img").evaluate_all(
        """all => all.map(image => getComputedStyle(image).transformOrigin.split(' ')
           .map((place, axis) => parseFloat(place) / [image.offsetWidth, image.offsetHeight][axis]))"""
    )
    return found


def test_pointing_enlarges_the_same_spot_in_all_pictures(page: Page) -> None:
    strip = page.locator("details[open] [data-zoom]").first
    assert scales(strip) == [1, 1, 1, 1]
    picture = strip.locator(".frame").nth(1)
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])
    assert scales(strip) == [4, 4, 4, 4]
    for origin in origins(strip):
        assert origin == pytest.approx([0.25, 0.75], abs=0.02)
    page.mouse.move(0, 0)
    assert scales(strip) == [1, 1, 1, 1]


def test_keys_enlarge_move_and_end(page: Page) -> None:
    strip = page.locator("details[open] [data-zoom]").first
    page.locator("details[open] > summary").first.focus()
    page.keyboard.press("Tab")
    assert strip.evaluate("strip => strip === document.activeElement")
    assert scales(strip) == [4, 4, 4, 4]
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    for origin in origins(strip):
        assert origin == pytest.approx([0.6, 0.45], abs=0.01)
    page.keyboard.press("+")
    assert scales(strip) == [6, 6, 6, 6]
    page.keyboard.press("Escape")
    assert scales(strip) == [1, 1, 1, 1]


def test_a_tap_enlarges(browser: Browser, report: str) -> None:
    context = browser.new_context(viewport=NARROW, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(report)
    strip = page.locator("details[open] [data-zoom]").first
    strip.locator(".frame").first.tap()
    assert scales(strip) == [4, 4, 4, 4]
    page.locator("h2").first.tap()
    assert scales(strip) == [1, 1, 1, 1]
    context.close()


def test_a_method_of_the_legend_stands_out(page: Page) -> None:
    charts = page.locator("[data-charts]").first
    button = charts.get_by_role("button", name="wiener")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert set(charts.locator(".picked").evaluate_all("all => all.map(line => line.dataset.method)")) == {"wiener"}
    assert charts.locator(".picked .band").first.is_visible()
    button.click()
    assert charts.locator(".picked").count() == 0


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_nothing_hangs_over_the_edge(page: Page, size: dict[str, int]) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    beyond = page.evaluate(
        """width => [...document.querySelectorAll('body *')]
           .filter(e => !e.closest('.scroll > *, .strip, .visually-hidden, .skip, svg')
                        && e.getBoundingClientRect().right > width + 1)
           .map(e => e.outerHTML.slice(0, 200))""",
        size["width"],
    )
    assert beyond == []


def test_a_table_that_is_cut_off_says_so(page: Page) -> None:
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    scroller = page.locator("[data-scroller]:has(table.figures)").first
    line = scroller.locator(".more-columns")
    expect(scroller).to_have_class(re.compile(r"\bhas-more\b"), timeout=30_000)
    assert line.is_visible()
    scroller.locator(".scroll").evaluate("scroll => scroll.scrollTo(scroll.scrollWidth, 0)")
    expect(scroller).not_to_have_class(re.compile(r"\bhas-more\b"), timeout=30_000)
    assert not line.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(page: Page, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for text, 3 to 1 for the marks of the charts (1.4.11)."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    contrasts = page.evaluate((Path(__file__).parent / "contrast.js").read_text(encoding="utf-8"))
    assert len(contrasts) > 300
    faint = {(found["what"], found["contrast"]) for found in contrasts if found["contrast"] < found["least"]}
    assert faint == set()


def test_paper_shows_what_was_folded(page: Page) -> None:
    folded = page.locator("details:not([open])")
    assert folded.count() > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() > 0
