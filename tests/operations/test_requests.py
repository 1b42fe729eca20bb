"""What is logged of a request, and what never is; health checks; certificates."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import path

from jianzai import urls as site
from jianzai.operations import health
from jianzai.operations.logs import JsonFormatter
from jianzai.operations.tls import ensure_certificate
from jianzai.registry.queries import find_person
from jianzai.vault import KeysMissing
from tests.people import make_person, make_staff


@pytest.mark.django_db
def test_a_request_is_logged_by_its_template(client, caplog):
    person = make_person()
    caplog.set_level(logging.INFO, "jianzai.requests")
    answer = client.get(f"/api/v1/persons/{person.personal_number}/status?who=somebody")
    lines = [JsonFormatter().format(record) for record in caplog.records]
    line = next(line for line in lines if json.loads(line)["logger"] == "jianzai.requests")
    assert json.loads(line)["route"].endswith("persons/<personal_number>/status")
    assert json.loads(line)["status"] == 401
    assert answer["X-Request-Id"] == json.loads(line)["request_id"]
    for told in (person.personal_number, "somebody", "127.0.0.1"):
        assert told not in "".join(lines)


KEY = "8f1b7a52-3c0e-4d7e-9a51-6f2b1c0d9e77"


def forbids(request, key):
    raise PermissionDenied(key)


def fails(request, key):
    try:
        raise KeyError(key)
    except KeyError as error:
        raise ValueError(f"nothing has {key}") from error


urlpatterns = [*site.urlpatterns, path("test/forbids/<key>", forbids), path("test/fails/<key>", fails)]
handler400, handler403, handler404, handler500 = (
    site.handler400,
    site.handler403,
    site.handler404,
    site.handler500,
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("request_it", "status", "message"),
    [
        (lambda client: client.get(f"/console/people/{KEY}"), 404, "Not Found"),
        (lambda client: client.get(f"/test/forbids/{KEY}"), 403, "Forbidden"),
        (lambda client: client.get(f"/test/fails/{KEY}"), 500, "Internal Server Error"),
        (lambda client: client.get(f"/language?{KEY}"), 405, "Method Not Allowed"),
        (lambda client: client.get(f"/{KEY}", headers={"host": f"{KEY}.example"}), 400, "Bad Request"),
        (
            lambda client: client.post(
                f"/sign-in?{KEY}", headers={"referer": f"https://elsewhere.example/{KEY}"}, secure=True
            ),
            403,
            "Forbidden",
        ),
    ],
    ids=["not found", "forbidden", "failed", "method", "host", "forged"],
)
def test_a_refusal_leaves_no_path_in_the_log(settings, caplog, request_it, status, message):
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(make_staff("clerk").user)
    caplog.set_level(logging.INFO)
    assert request_it(client).status_code == status
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert message in {json.loads(line)["message"] for line in lines}
    if status == 500:
        assert any(
            "in fails" in (trace := json.loads(line).get("trace", ""))
            and trace.index("KeyError") < trace.index("ValueError")
            for line in lines
        )
    assert KEY not in "".join(lines)


@pytest.mark.django_db
def test_signing_in_leaves_no_name_and_no_number_in_the_log(client, caplog):
    make_person(name="张三丰")
    caplog.set_level(logging.DEBUG)
    client.post("/sign-in", {"name": "张三丰", "identity_number": "430102195001150012"})
    lines = "".join(
        JsonFormatter().format(record) for record in caplog.records if record.name != "django.db.backends"
    )
    assert "张三丰" not in lines
    assert "430102195001150012" not in lines
    assert find_person("张三丰", "430102195001150012") is None


def test_healthz_needs_nothing(client):
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_readyz_names_what_is_missing(client, monkeypatch):
    monkeypatch.setattr(health, "available_packs", lambda: ["embedded"])
    monkeypatch.setattr(health, "current_pack", lambda: "embedded")
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"database": True, "keys": True, "pack": True})

    def gone():
        raise KeysMissing("gone")

    monkeypatch.setattr(health, "vault", gone)
    monkeypatch.setattr(health, "available_packs", lambda: [])
    unready = client.get("/readyz")
    assert (unready.status_code, unready.json()) == (503, {"database": True, "keys": False, "pack": False})


def test_a_browser_that_trusts_the_certificate_reaches_every_host_it_names(tmp_path):
    certificate, key = ensure_certificate(tmp_path, ["localhost", "127.0.0.1"])
    assert key.stat().st_mode & 0o777 == 0o600
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    listening = socket.create_server(("127.0.0.1", 0))

    def accept():
        for _ in range(2):
            with server.wrap_socket(listening.accept()[0], server_side=True) as opened:
                opened.recv(1)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    client = ssl.create_default_context(cafile=str(certificate))
    for host in ("localhost", "127.0.0.1"):
        plain = socket.create_connection(listening.getsockname())
        with client.wrap_socket(plain, server_hostname=host) as opened:
            assert opened.version()
            opened.send(b"x")
    thread.join(10)
    listening.close()


def test_a_certificate_is_kept_until_it_no_longer_fits(tmp_path):
    first, _ = ensure_certificate(tmp_path, ["localhost", "127.0.0.1"])
    before = first.read_bytes()
    assert ensure_certificate(tmp_path, ["localhost"])[0].read_bytes() == before
    assert ensure_certificate(tmp_path, ["192.0.2.7"])[0].read_bytes() != before
