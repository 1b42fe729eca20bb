"""The running demo: database, site and worker as processes of one supervisor that ends them all.

They end with it however it ends: by a signal it ends them itself; when it is killed outright, the kernel
tells them (PR_SET_PDEATHSIG, Linux).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from jianzai.faces.models import available_packs, present, sample_files
from jianzai.operations.database import as_role, create_database, start_embedded, stop_left_embedded
from jianzai.operations.tls import ensure_certificate, network_address
from jianzai.vault import make_keys

HTTP_PORT, HTTPS_PORT = 8000, 8443
PATIENCE = 25  # seconds that a process has to end by itself
_WORKERS = 2
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class CannotRun(RuntimeError):
    """``code`` is the sentence ``demo.<code>`` for why the demo does not start."""

    def __init__(self, code: str, **values: object):
        self.code, self.values = code, values
        super().__init__(code)


class StepFailed(CannotRun):
    """A command that the demo runs did not succeed; it has said why."""

    def __init__(self, *arguments: str):
        super().__init__("step_failed", step=" ".join(("jianzai", *arguments)))


@dataclass(frozen=True, slots=True)
class Demo:
    """Where a demo lives and how it is reached."""

    home: Path
    port: int
    https: bool

    @property
    def address(self) -> str:
        """What to open in a browser. Raises CannotRun where https has no network to serve."""
        if not self.https:
            return f"http://localhost:{self.port}"
        host = network_address()
        if host is None:
            raise CannotRun("no_network")
        return f"https://{host}:{self.port}"


@contextmanager
def running(demo: Demo) -> Iterator[None]:
    """Everything a visitor needs, from the first line to the last: it runs inside the ``with``.

    The first start takes minutes (weights, roster, faces), every other one seconds. Raises CannotRun.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    (demo.home / "static").mkdir(parents=True, exist_ok=True)
    with _only_one(demo.home):
        _await_free_port(demo.port, PATIENCE if _was_killed(demo.home) else 0)
        address = demo.address
        environment = os.environ | _environment(demo, address)
        if not available_packs() or not all(present(name) for name in sample_files()):
            _step("models", "fetch", environment=environment)
        _step("migrate", environment=environment)
        with suppress(
            StepFailed
        ):  # browsers speak with voices of their own; `jianzai check` says what is missing
            _step("speech", "render", environment=environment)
        loaded = demo.home / "demo-loaded"
        if not loaded.exists():
            _step("demo", "load", environment=environment)
            loaded.touch()
        bind = f"{'0.0.0.0' if demo.https else '127.0.0.1'}:{demo.port}"  # noqa: S104 - phones are to reach it
        site = _start("serve", "--bind", bind, "--workers", str(_WORKERS), environment=environment)
        worker = _start("worker", environment=environment)
        try:
            _await(demo.port, site)
            _step("check", environment=environment)
            yield
        finally:
            _end([site, worker])


def wait() -> None:
    """Until a signal ends the demo."""
    try:
        signal.pause()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def stop(home: Path) -> bool:
    """End the demo that runs in ``home`` and wait for it; False when none does.

    The database that a killed one left running is ended as well.
    """
    process = running_process(home)
    if process is None:
        stop_left_embedded(home / "postgres")
        return False
    os.kill(process, signal.SIGTERM)
    while running_process(home) is not None:
        time.sleep(0.2)
    return True


def running_process(home: Path) -> int | None:
    """The supervisor's process id while a demo runs in ``home``."""
    try:
        with (home / "demo.lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read())
    except FileNotFoundError:
        pass
    return None


def _environment(demo: Demo, address: str) -> dict[str, str]:
    """What every process of the demo is told; kept in the home folder for the ``jianzai`` command."""
    if not (demo.home / "keys.json").exists():
        make_keys(demo.home / "keys.json", demo=True)
    owner = create_database(start_embedded(demo.home / "postgres"), "jianzai")
    told = {
        "JIANZAI_MODE": "demo",
        "JIANZAI_HOME": str(demo.home),
        "JIANZAI_KEYS_FILE": str(demo.home / "keys.json"),
        "JIANZAI_BASE_URL": address,
        "JIANZAI_OWNER_DATABASE_URL": owner,
        "DATABASE_URL": as_role(owner, "jianzai_application"),
    }
    if demo.https:
        hosts = ["localhost", "127.0.0.1", address.removeprefix("https://").partition(":")[0]]
        certificate, key = ensure_certificate(demo.home / "tls", hosts)
        told |= {"JIANZAI_TLS_CERTIFICATE": str(certificate), "JIANZAI_TLS_KEY": str(key)}
    (demo.home / "demo.env").write_text("".join(f"{name}={value}\n" for name, value in told.items()))
    return told


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    with (home / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun("already_running", process=running_process(home)) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield
        finally:
            (home / "demo.env").unlink(missing_ok=True)


def _was_killed(home: Path) -> bool:
    """The last demo here did not end in an orderly way: its processes may still be ending."""
    return (home / "demo.env").exists()


def _await_free_port(port: int, patience: float) -> None:
    """Wait up to ``patience`` seconds for ``port``. Raises CannotRun."""
    deadline = time.monotonic() + patience
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return
            except OSError:
                if time.monotonic() >= deadline:
                    raise CannotRun("port_taken", port=port) from None
        time.sleep(0.2)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "jianzai", *arguments]


def _step(*arguments: str, environment: dict[str, str]) -> None:
    command = _command(*arguments)
    if subprocess.run(command, env=environment, check=False, preexec_fn=_ends_with_parent()).returncode:
        raise StepFailed(*arguments)


def _start(*arguments: str, environment: dict[str, str]) -> subprocess.Popen:
    quiet = environment | {"JIANZAI_LOG_LEVEL": environment.get("JIANZAI_LOG_LEVEL", "WARNING")}
    # A session of its own: Ctrl-C reaches the supervisor alone, which ends the others one way. Sent to all,
    # it interrupts gunicorn's threads while they already shut down, and they wait for each other for ever.
    return subprocess.Popen(
        _command(*arguments), env=quiet, start_new_session=True, preexec_fn=_ends_with_parent()
    )


def _ends_with_parent() -> Callable[[], None] | None:
    """What a child does before its program starts, so that it gets SIGTERM when this process is no more."""
    if sys.platform != "linux":
        return None
    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended in between
            os._exit(1)

    return prepare


def _await(port: int, site: subprocess.Popen) -> None:
    while site.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise StepFailed("serve")


def _end(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _interrupt(number, frame) -> None:
    raise KeyboardInterrupt
