"""Posts of frames as the browser makes them, and as nobody should."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jianzai.web.camera import LARGEST_BATCH

from .conftest import open_capture


def post(client, capture, sequence=0, times="[0.1]", frames=(b"not a picture",)):
    files = [SimpleUploadedFile(f"{place}.jpg", content) for place, content in enumerate(frames)]
    body = {"sequence": sequence, "times": times, "frames": files}
    return client.post(f"/capture/{capture.pk}/batch", body)


def test_only_the_visit_that_opened_a_capture_may_feed_it(signed_in, modelled):
    capture = open_capture(signed_in)
    assert post(Client(), capture).status_code == 403
    assert Client().post(f"/capture/{capture.pk}/reopen").status_code == 403


def test_a_capture_is_reopened_before_its_first_batch(signed_in, modelled):
    capture = open_capture(signed_in)
    answer = signed_in.post(f"/capture/{capture.pk}/reopen").json()
    assert (answer["sequence"], answer["state"], answer["answered"]) == (-1, "open", 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"times": "[0.1, 0.2]"},
        {"times": "nothing"},
        {"times": "[null]"},
        {"times": "7"},
        {"times": "[1e999]"},
        {"times": f"[{'9' * 400}]"},
        {"times": "[" * 5000},
        {"sequence": "9" * 5000},
        {"sequence": "first"},
        {"frames": ()},
        {},
    ],
)
def test_what_is_no_batch_is_refused_with_a_sentence(signed_in, modelled, wrong):
    response = post(signed_in, open_capture(signed_in), **wrong)
    assert response.status_code == 400
    assert response.json()["sentence"]


def test_a_body_beyond_the_limit_is_refused(signed_in, modelled):
    response = post(signed_in, open_capture(signed_in), frames=[b"0" * LARGEST_BATCH])
    assert response.status_code == 413


def test_a_closed_capture_says_that_it_is_over(signed_in, modelled):
    first = open_capture(signed_in)
    open_capture(signed_in)
    assert post(signed_in, first).status_code == 410


def test_a_post_without_the_forms_token_is_refused(cycle, modelled):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/sign-in", {"name": "a", "number": "b"})
    assert response.status_code == 403
    assert "开着的时间太长" in response.content.decode()


def test_the_clip_of_a_sentence_is_served_when_rendered(client, settings, tmp_path):
    settings.HOME = tmp_path
    assert client.get("/speech/zh/look_here.wav").status_code == 404
    (tmp_path / "speech" / "zh").mkdir(parents=True)
    (tmp_path / "speech" / "zh" / "look_here.wav").write_bytes(b"RIFF")
    response = client.get("/speech/zh/look_here.wav")
    assert response["Content-Type"] == "audio/wav"
    assert client.get("/speech/zh/..%2F..%2Fkeys.wav").status_code == 404
