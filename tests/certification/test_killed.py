"""kill -9 of the process that takes batches, at random moments: nothing lost, nothing twice."""

import json
import os
import random
import subprocess
import sys
import time

import pytest
from django.db import connection

from jianzai.audit.services import Actor, verify
from jianzai.certification import services
from jianzai.certification.models import Batch
from jianzai.certification.sealing import open_frames
from jianzai.faces import fetch
from tests.faces.liveness.simulator import BATCH, Clip, steady
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)

BATCHES = 10
_SERVER = """
import json, sys
from jianzai.certification.services import receive_batch
session, batches = json.load(sys.stdin)
for sequence, frames in batches:
    answer = receive_batch(session, sequence, [(bytes.fromhex(jpeg), time) for jpeg, time in frames])
    print(sequence, answer["sequence"], flush=True)
"""


def test_batches_survive_kill_9(tmp_path):
    services.open_cycle(2026, Actor.SYSTEM)
    person = make_person()
    services.give_consent(person, "zh", Actor("person"))
    session = services.open_session(person, "enrol", "online", actor=Actor("person"))
    clip = Clip.open(fetch("cap13_edit2.mp4"), until=12.0)
    batches = []
    for sequence in range(BATCHES):
        times = [steady(sequence * BATCH + place + 1) for place in range(BATCH)]
        batches.append((sequence, [(clip.pictures[round(time * 25)].hex(), time) for time in times]))
    chance, killed = random.Random(), 0
    while (done := session.batches.count()) < BATCHES:
        # The browser does not know whether its last batch arrived: it sends that one again.
        start = max(0, done - 1)
        server = _serve(session, batches[start:])
        server.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.6))
        if killed < 4 and server.poll() is None:
            server.kill()
            killed += 1
        server.wait(60)
        server.stdout.close()
    kept = list(Batch.objects.filter(session=session).order_by("sequence"))
    assert [batch.sequence for batch in kept] == list(range(BATCHES))
    for batch, (sequence, frames) in zip(kept, batches, strict=True):
        assert [jpeg.hex() for jpeg in open_frames(person.key, batch.frames)] == [jpeg for jpeg, _ in frames]
        assert batch.answer["sequence"] == sequence
        assert services.receive_batch(session.pk, sequence, []) == batch.answer
    assert killed >= 1
    assert verify().ok


def _serve(session, batches) -> subprocess.Popen:
    settings = connection.settings_dict
    url = os.environ["DATABASE_URL"].replace("/postgres?", f"/{settings['NAME']}?")
    program = "import django; django.setup()\n" + _SERVER
    server = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "jianzai.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    server.stdin.write(json.dumps([str(session.pk), batches]))
    server.stdin.close()
    return server
