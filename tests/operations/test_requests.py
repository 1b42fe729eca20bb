"""What is logged of a request, and what never is; health checks; certificates."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading

import pytest

from jianzai.operations import health
from jianzai.operations.logs import JsonFormatter
from jianzai.operations.tls import ensure_certificate
from jianzai.registry.queries import find_person
from jianzai.vault import KeysMissing
from tests.people import make_person


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
