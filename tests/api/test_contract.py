"""The API does what its OpenAPI document says, whatever it is sent; and it says so on a page."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from jianzai.api.scopes import Scope
from tests.people import make_person

EXAMPLES = 25  # of each operation


@dataclass(frozen=True)
class Document:
    """The API as it describes itself, and the headers of somebody who may call all of it."""

    schema: BaseSchema
    headers: dict[str, str]


@pytest.fixture
def kept_connection(db):
    """The test's transaction outlives each request: as Django's own test client does it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def document(kept_connection, token, cycle_2026):
    """The document as it is served, with somebody to ask about and a token for all of it."""
    from jianzai.wsgi import application  # loading it asks the database whether the keys are those it knows

    make_person()
    return Document(schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application), token(*Scope))


def test_answers_are_as_declared(document):
    operations = [found.ok() for found in document.schema.get_all_operations()]
    assert operations
    for operation in operations:
        check(operation, document.headers)


def check(operation, headers):
    # What is in an uploaded file, no schema describes: any bytes fit it, and few are a video.
    left_out = [unsupported_method, *([positive_data_acceptance] if operation.body else [])]

    @given(case=operation.as_strategy())
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    def answers(case):
        case.call_and_validate(headers=headers, excluded_checks=left_out)

    answers()


@pytest.mark.django_db
def test_the_reference_page_names_every_route_in_both_languages(client):
    from jianzai.api.urls import api

    for language, heading in (("zh-hans", "接口说明"), ("en", "API reference")):
        page = client.get("/api/v1/docs", headers={"Accept-Language": language}).content.decode()
        assert heading in page
        assert "<script" not in page
        for path in api.get_openapi_schema()["paths"]:
            assert path in page


@pytest.mark.django_db
def test_a_body_beyond_the_bound_is_refused_before_it_is_read(client, token, cycle_2026, settings):
    settings.UPLOAD_MAX_SIZE = 1000
    file = SimpleUploadedFile("ack.csv", b"x" * 2000, "text/csv")
    headers = token(Scope.ACKNOWLEDGE)
    refused = client.post("/api/v1/orders/acknowledgements", {"file": file}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_big")


@pytest.mark.django_db
def test_a_file_that_is_no_video_is_refused_with_a_sentence(client, token, cycle_2026):
    person = make_person()
    headers = token(Scope.VERIFY)
    answer = client.post(f"/api/v1/persons/{person.personal_number}/verifications", headers=headers)
    assert answer.status_code == 409  # no consent
    assert answer.json()["sentence"]
