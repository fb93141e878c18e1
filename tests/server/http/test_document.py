"""The API's document is true of what is answered, and the page that shows it works."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate
from tests.server.http.asking import job_of, part

from clearface.server.http.app import create_app
from clearface.server.http.serving import WebServer
from clearface.server.settings import OfferedNetwork


@pytest.fixture
def document(client) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/openapi.json").json
    return told


def check(document: dict[str, Any], name: str, value: object) -> None:
    """Raises where a value is not as its schema says."""
    OAS30Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]}).validate(value)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def test_it_is_a_document_of_openapi(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"] == "3.0.3"
    assert len({operation["operationId"] for _, operation in operations(document)}) == 17


def test_every_answer_is_described(document: dict[str, Any]) -> None:
    for _, operation in operations(document):
        for status, answer in operation["responses"].items():
            assert answer["description"]
            assert ("content" in answer) is (status != "204")
            if status in ("429", "503"):
                assert "Retry-After" in answer["headers"]


def test_answers_are_as_described(client, document: dict[str, Any], photo: bytes) -> None:
    check(document, "About", client.get("/api/v1/about").json)
    check(document, "Error", client.get("/nothing").json)
    check(document, "Error", client.post("/api/v1/restore", json={"photo": 5}).json)
    options = {"restorer": "richardson-lucy", "iterations": "1", "view": "true", "save_crops": "true", "largest": "1"}
    job = job_of(client, part(photo), part(b"none"), **options)
    check(document, "Job", job)
    check(document, "Photo", client.patch(f"{job['links']['self']}/photos/1", json={"left": []}).json)
    client.delete(job["links"]["self"])
    worked = client.post("/api/v1/detect", data={"photo": part(photo)})
    check(document, "Worked", worked.json)
    with pytest.raises(Exception, match="is not of type 'string'"):
        check(document, "Error", {"error": 5})


def test_the_choices_are_those_of_this_server(client_with) -> None:
    client = client_with(networks=(OfferedNetwork("sharpener", Path("sharp.onnx"), "codeformer"),))
    (offered,) = [one for one in client.get("/api/v1/about").json["restorers"] if one["name"] == "sharpener"]
    assert offered["takes"] == ["fidelity"]
    body = client.get("/openapi.json").json["paths"]["/api/v1/restore"]["post"]["requestBody"]["content"]
    for form in body.values():
        restorers = form["schema"]["properties"]["restorer"]["enum"]
        assert "sharpener" in restorers
        assert "onnx" not in restorers


def test_restorers_take_options_by_their_names(client, document: dict[str, Any]) -> None:
    known = document["paths"]["/api/v1/restore"]["post"]["requestBody"]["content"]["application/json"]["schema"][
        "properties"
    ]
    for restorer in client.get("/api/v1/about").json["restorers"]:
        assert set(restorer["takes"]) <= set(known)


def test_a_token_is_described_where_one_is_needed(client_with) -> None:
    told = client_with(token="-".join(["a", "token", "of", "good", "length"])).get("/openapi.json").json
    validate(told)
    assert told["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    for path, operation in operations(told):
        needed = path not in ("/api/v1/about", "/healthz", "/readyz")
        assert ("security" in operation) is needed
        assert ("401" in operation["responses"]) is needed


def test_the_page_that_shows_it_runs_within_its_policy(settings, desk, browser) -> None:
    own = replace(settings, port=0)
    server = WebServer(create_app(own, desk), own)
    trouble: list[str] = []
    asked: list[str] = []
    with ThreadPoolExecutor(1) as threads:
        serving = threads.submit(server.run)
        page = browser.new_page()
        try:
            page.on("console", lambda said: trouble.append(said.text) if said.type in ("error", "warning") else None)
            page.on("pageerror", lambda error: trouble.append(str(error)))
            page.on("request", lambda request: asked.append(request.url))
            page.goto(f"{server.address}/docs")
            page.locator(".opblock-summary-path", has_text="/api/v1/about").click()
            page.locator("button", has_text="Try it out").click()
            page.locator("button.execute").click()
            page.locator(".live-responses-table .response td.response-col_status", has_text="200").wait_for()
        finally:
            page.close()
            server.stop()
        serving.result()
    assert trouble == []
    assert f"{server.address}/api/v1/about" in asked
    assert all(url.startswith((server.address, "data:")) for url in asked)
