"""Who is let in, and what browsers are told."""

from pathlib import Path

import pytest
from tests.server.http.asking import JOBS, part

from clearface.server.http.security import host_name, needs_token

OPEN = ("/", "/healthz", "/readyz", "/api/v1/about", "/openapi.json", "/docs", "/docs/start.js")
CLOSED = (f"{JOBS}/a", f"{JOBS}/a/results.zip", "/api/v1/nothing", "/metrics")
TOKEN = "a-token-of-good-length"


def test_every_answer_carries_its_headers(client) -> None:
    for answer in (
        client.get("/"),
        client.get("/nothing"),
        client.put("/"),
        client.get(f"{JOBS}/a"),
        client.get("/docs"),
    ):
        headers = answer.headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=(self)" in headers["Permissions-Policy"]
        assert "Set-Cookie" not in headers
        assert "Access-Control-Allow-Origin" not in headers
    assert client.get(f"{JOBS}/a").headers["Cache-Control"] == "private, no-store"


def test_without_a_token_everyone_may(client) -> None:
    assert client.get(f"{JOBS}/a").status_code == 404
    assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer \xff\xfe",
    ],
)
def test_a_token_is_asked_for(client_with, given: str | None) -> None:
    client = client_with(token=TOKEN)
    headers = {} if given is None else {"Authorization": given}
    for address in OPEN:
        assert client.get(address, headers=headers, buffered=True).status_code == 200
    for address in CLOSED:
        answer = client.get(address, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert set(answer.json) == {"error"}
    assert client.get("/api/v1/about").json["token_required"] is True


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_who_knows_the_token_is_let_in(client_with, scheme: str) -> None:
    client = client_with(token=TOKEN)
    headers = {"Authorization": f"{scheme} {TOKEN}"}
    assert client.get(f"{JOBS}/a", headers=headers).status_code == 404
    assert client.get("/metrics", headers=headers).status_code == 200


def test_addresses_that_need_a_token() -> None:
    assert needs_token("/api/v1/jobs")
    assert needs_token("/api/v2/anything")
    assert not needs_token("/api/v1/about")


@pytest.mark.parametrize(
    ("bound", "allowed", "good", "bad"),
    [
        (
            "127.0.0.1",
            (),
            ("127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000", "127.0.0.2"),
            ("evil.example", "10.0.0.1"),
        ),
        ("localhost", (), ("localhost:8000", "127.0.0.1"), ("localhost.evil.example", "192.168.0.5")),
        ("0.0.0.0", (), ("192.168.0.5:8000", "[fe80::1]", "localhost"), ("evil.example", "evil.example:80")),
        ("::", ("photos.example.org",), ("photos.example.org", "[::1]:80"), ("example.org", "xphotos.example.org")),
        ("192.168.0.5", (), ("192.168.0.5",), ("localhost", "127.0.0.1", "192.168.0.6")),
        ("127.0.0.1", ("*",), ("anything.example",), ()),
        ("127.0.0.1", (), (), ("a@127.0.0.1", "127.0.0.1/x", "127.0.0.1:x", "[::1", "", "127.0.0.1?x", "a b")),
    ],
)
def test_only_its_own_names_reach_it(
    client_with,
    bound: str,
    allowed: tuple[str, ...],
    good: tuple[str, ...],
    bad: tuple[str, ...],
) -> None:
    client = client_with(host=bound, allowed_hosts=allowed)
    for host in good:
        assert client.get("/healthz", headers={"Host": host}).status_code == 200, host
    for host in bad:
        assert client.get("/healthz", headers={"Host": host}).status_code == 403, host


def test_names_of_hosts() -> None:
    assert host_name("Example.ORG.:80") == "example.org"
    assert host_name("[::1]:80") == "::1"
    assert host_name("example.org:99999") is None


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "http://localhost:8000"}, True),
        ({"Origin": "https://localhost:8000"}, True),
        ({"Origin": "http://localhost:9000"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "file://"}, False),
        ({"Origin": "http://[::1"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
    ],
)
def test_pages_of_other_sites_get_nothing_done(client, headers: dict[str, str], allowed: bool) -> None:
    told = headers | {"Host": "localhost:8000"}
    for answer in (
        client.post("/api/v1/restore", headers=told),
        client.post(JOBS, headers=told),
        client.delete(f"{JOBS}/a", headers=told),
        client.patch(f"{JOBS}/a/photos/1", headers=told),
    ):
        assert (answer.status_code != 403) is allowed
    assert client.get("/healthz", headers=told).status_code == 200


def test_another_site_that_is_allowed_may(client_with) -> None:
    client = client_with(allowed_origins=("https://gallery.example/",), token=TOKEN)
    asking = {"Origin": "https://gallery.example"}
    before = client.options(JOBS, headers=asking | {"Access-Control-Request-Method": "POST"})
    assert before.status_code == 204
    assert before.headers["Access-Control-Allow-Origin"] == "https://gallery.example"
    assert "Authorization" in before.headers["Access-Control-Allow-Headers"]
    answer = client.post(JOBS, headers=asking | {"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 415
    assert answer.headers["Access-Control-Allow-Origin"] == "https://gallery.example"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    other = client.post(JOBS, headers={"Origin": "https://gallery.example.evil"})
    assert other.status_code == 403
    assert "Access-Control-Allow-Origin" not in other.headers


def test_addresses_begin_where_a_proxy_put_the_server(client_with, meadow: Path) -> None:
    told = {"X-Forwarded-Prefix": "/faces"}
    for proxies, root in ((1, "/faces"), (0, "")):
        client = client_with(trusted_proxies=proxies, requests_a_minute=0)
        answer = client.post(JOBS, headers=told, data={"photos": part(meadow.read_bytes()), "restorer": "identity"})
        assert answer.headers["Location"] == answer.json["links"]["self"] == f"{root}{JOBS}/{answer.json['id']}"
        client.delete(f"{JOBS}/{answer.json['id']}")


def test_a_proxy_is_believed_only_where_it_is_trusted(client_with) -> None:
    told = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "photos.example.org", "X-Forwarded-Prefix": "/faces"}
    for proxies, status in ((0, 200), (1, 200)):
        client = client_with(trusted_proxies=proxies, allowed_hosts=("photos.example.org",), requests_a_minute=0)
        assert client.get("/healthz", headers=told).status_code == status
    assert client_with(trusted_proxies=1).get("/healthz", headers=told).status_code == 403
    assert client_with(trusted_proxies=0).get("/healthz", headers=told).status_code == 200
