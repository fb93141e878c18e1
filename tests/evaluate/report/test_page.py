import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from clearface.evaluate import results
from clearface.evaluate.report.page import render_report

HOSTILE = "<script>x=1</script>"
VOID = {"meta", "link", "img", "input", "br", "wbr", "hr"}
FETCHING = {"src", "href", "srcset", "poster", "action", "data", "formaction", "background", "xlink:href"}


class Page(HTMLParser):
    """What the tests ask of a page: its elements, its ids, whether all that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def text(evaluation: results.Evaluation, examples: list[results.Example]) -> str:
    return render_report(evaluation, [example for example in examples if example.test == "shen"])


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_the_same_figures_give_the_same_page(
    text: str, evaluation: results.Evaluation, examples: list[results.Example]
) -> None:
    again = render_report(evaluation, [example for example in examples if example.test == "shen"])
    assert again == text


def test_every_element_is_closed_and_every_id_is_there_once(page: Page) -> None:
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for key in ("href", "aria-labelledby", "aria-describedby"):
            target = attributes.get(key) or ""
            if key != "href" or target.startswith("#"):
                assert not target or target.removeprefix("#") in ids


def test_nothing_is_asked_of_anybody(page: Page) -> None:
    for tag, attributes in page.elements:
        for key in FETCHING & attributes.keys():
            assert (attributes[key] or "").startswith(("#", "data:")), (tag, key)
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith("on")]
    assert "@import" not in "".join(page.words)
    assert "url(" not in "".join(page.words)


def test_the_policy_allows_this_style_and_this_script_alone(text: str, page: Page) -> None:
    (policy,) = (meta["content"] for meta in page.named("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        checksum = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{checksum}'" in policy


def test_names_stay_names(text: str, page: Page) -> None:
    assert HOSTILE not in text
    assert len(page.named("script")) == 1
    assert HOSTILE in " ".join(page.words)


def test_pictures_and_charts_are_told_in_words(page: Page) -> None:
    assert all(picture["alt"] for picture in page.named("img"))
    assert len(page.named("img")) == 5 * 3 * 4
    drawn = [svg for svg in page.named("svg") if svg.get("role") == "img"]
    assert drawn
    assert all(svg["aria-labelledby"] for svg in drawn)


def test_heads_of_tables_say_what_they_head(page: Page) -> None:
    assert {head.get("scope") for head in page.named("th")} == {"col", "row", "colgroup"}


def test_what_was_not_measured_and_left_out_is_told(page: Page, evaluation: results.Evaluation) -> None:
    words = " ".join(page.words)
    for sentence in [*evaluation.unavailable.values(), *evaluation.left_out.values(), evaluation.command]:
        assert sentence in words
    for metric in evaluation.metrics:
        assert metric.variant in words
        assert metric.source in words


def test_an_evaluation_of_nothing_is_a_page_too(evaluation: results.Evaluation) -> None:
    bare = replace(
        evaluation,
        tests=(),
        methods=(),
        metrics=(),
        set_metrics=(),
        summaries=(),
        comparisons=(),
        set_figures=(),
        faces=(),
    )
    page = Page(render_report(bare, []))
    assert page.open == []
    assert "Nothing was measured." in " ".join(page.words)


def test_bytes_of_names_that_are_no_utf_8_are_shown(evaluation: results.Evaluation) -> None:
    odd = replace(evaluation, left_out={"caf\udce9.jpg": "damaged: caf\udce9.jpg"})
    assert "caf\\xe9.jpg" in render_report(odd, [])


def test_a_method_told_the_blur_is_marked_everywhere(evaluation: results.Evaluation) -> None:
    plain = render_report(evaluation, [])
    told = tuple(replace(facts, told_truth=facts.name == "wiener") for facts in evaluation.methods)
    marked = render_report(replace(evaluation, methods=told), [])
    tag = ">told the blur</span>"
    assert tag not in plain
    in_tables = plain.count('<span class="method-name">wiener</span>')
    in_legends = plain.count('aria-pressed="false" data-method="wiener"')
    assert min(in_tables, in_legends) > 0
    assert marked.count(tag) == in_tables + in_legends + 1


def test_a_page_without_truth_offers_nothing_that_needs_it(evaluation: results.Evaluation) -> None:
    real = next(test for test in evaluation.tests if not test.has_truth)
    lacking = {"LPIPS (vgg)": "a file of weights", "FID": "another file", "NIQE": "a model"}
    only = replace(
        evaluation,
        tests=(real,),
        unavailable=lacking,
        summaries=tuple(entry for entry in evaluation.summaries if entry.test == real.name),
        comparisons=(),
        set_figures=(),
        faces=tuple(row for row in evaluation.faces if row.test == real.name),
    )
    words = " ".join(Page(render_report(only, [])).words)
    assert "a model" in words
    assert "a file of weights" not in words
    assert "another file" not in words


def test_the_way_to_enlarge_stands_before_the_first_pictures(text: str, page: Page) -> None:
    assert text.index('id="test-1-zoom"') < text.index("data-zoom")
    assert [attributes["id"] for attributes in page.named("p") if "zoom-hint" in (attributes.get("class") or "")] == [
        "test-1-zoom"
    ]
