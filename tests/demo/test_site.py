"""The demo's processes end with their supervisor, and the next demo is not kept waiting by a killed one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import pytest

from jianzai.demo import site
from jianzai.demo.site import CannotRun

# A supervisor of one process that would sleep for an hour; tells its number and sleeps as well.
_SUPERVISOR = """
import sys, time
from jianzai.demo import site
site._command = lambda *arguments: [sys.executable, "-c", "import time; time.sleep(3600)"]
print(site._start("serve", environment={}).pid, flush=True)
time.sleep(3600)
"""


def gone(process: int, patience: float = 10) -> bool:
    """The process ended, or waits for nobody but init, within ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{process}/stat") as file:
                if file.read().rpartition(") ")[2].startswith("Z"):
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def taken():
    """A port that somebody listens on, and the socket that does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1], listener


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux alone tells children")
def test_the_site_ends_with_a_killed_supervisor():
    supervisor = subprocess.Popen([sys.executable, "-c", _SUPERVISOR], stdout=subprocess.PIPE, text=True)
    child = int(supervisor.stdout.readline())
    assert not gone(child, 0.3)
    supervisor.kill()
    supervisor.wait()
    assert gone(child)


def test_a_taken_port_is_refused_and_waited_for_only_after_a_kill(taken, monkeypatch):
    port, listener = taken
    with pytest.raises(CannotRun, match="port_taken"):
        site._await_free_port(port, 0)
    monkeypatch.setattr(site.time, "sleep", lambda seconds: listener.close())
    site._await_free_port(port, 10)


def test_a_killed_demo_is_known_by_what_it_left(tmp_path):
    with site._only_one(tmp_path):
        (tmp_path / "demo.env").write_text("JIANZAI_MODE=demo\n")
        assert site.running_process(tmp_path) == os.getpid()
        assert site._was_killed(tmp_path)
    assert not site._was_killed(tmp_path)
    assert site.running_process(tmp_path) is None


def test_a_database_that_was_left_running_is_ended(tmp_path):
    folder = tmp_path / "postgres"
    start = (
        "import sys, time; from pathlib import Path; from jianzai.operations.database import start_embedded; "
    )
    start += "start_embedded(Path(sys.argv[1])); print('up', flush=True); time.sleep(3600)"
    left = subprocess.Popen([sys.executable, "-c", start, folder], stdout=subprocess.PIPE, text=True)
    assert left.stdout.readline() == "up\n"
    left.kill()
    left.wait()
    server = int((folder / "postmaster.pid").read_text().split()[0])
    assert not gone(server, 0.3)
    stop = "import sys; from pathlib import Path; from jianzai.demo.site import stop; stop(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", stop, tmp_path], check=True)
    assert gone(server)
