"""What people send is bounded before it is decoded, and comes out upright."""

from __future__ import annotations

import io
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from jianzai.faces import Limits, Unusable, decode_jpeg, read_video


def picture(width: int = 64, height: int = 48, light: int = 90) -> np.ndarray:
    """Dark but for a bright corner at the upper left, which shows how it was turned."""
    image = np.full((height, width, 3), light, np.uint8)
    image[: height // 4, : width // 4] = 250
    return image


def video(count: int = 20, rate: int = 10, width: int = 64, height: int = 48, rotation: int = 0) -> bytes:
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height = width, height
        stream.time_base = Fraction(1, rate)
        for index in range(count):
            frame = av.VideoFrame.from_ndarray(picture(width, height, 60 + index % 60), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    data = written.getvalue()
    return with_rotation(data, rotation) if rotation else data


def with_rotation(data: bytes, degrees: int) -> bytes:
    """The same MP4 with its track's display matrix turned clockwise, as phones write it (ISO 14496-12)."""
    cos, sin = round(np.cos(np.radians(degrees))), round(np.sin(np.radians(degrees)))
    straight = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", cos << 16, sin << 16, 0, -sin << 16, cos << 16, 0, 0, 0, 1 << 30)
    at = data.index(straight, data.index(b"tkhd"))
    return data[:at] + turned + data[at + len(turned) :]


def refusal(data, limits: Limits = Limits()) -> str:  # noqa: B008
    with pytest.raises(Unusable) as raised:
        read_video(data, limits)
    return raised.value.reason


def bright_corner(image: np.ndarray) -> tuple[str, str]:
    height, width = image.shape[:2]
    quarters = {
        ("top", "left"): image[: height // 5, : width // 5],
        ("top", "right"): image[: height // 5, -width // 5 :],
        ("bottom", "left"): image[-height // 5 :, : width // 5],
        ("bottom", "right"): image[-height // 5 :, -width // 5 :],
    }
    return max(quarters, key=lambda where: quarters[where].mean())


def test_frames_come_with_their_times():
    frames = read_video(video(count=20, rate=10))
    assert [round(frame.time, 3) for frame in frames] == [round(index / 10, 3) for index in range(20)]
    assert {frame.image.shape for frame in frames} == {(48, 64, 3)}


@pytest.mark.parametrize(
    ("rate", "wanted", "least", "most"), [(30, 10, 28, 32), (25, 10, 28, 38), (8, 10, 24, 24)]
)
def test_more_frames_than_wanted_are_skipped(rate, wanted, least, most):
    frames = read_video(video(count=3 * rate, rate=rate), Limits(frames_a_second=wanted))
    assert least <= len(frames) <= most
    assert all(np.diff([frame.time for frame in frames]) > 0)


def test_a_stretch_can_be_taken():
    times = [frame.time for frame in read_video(video(), start=0.5, end=1.0)]
    assert (min(times), max(times)) == pytest.approx((0.5, 0.9), abs=0.01)


@pytest.mark.parametrize(
    ("degrees", "corner"), [(90, ("top", "right")), (180, ("bottom", "right")), (270, ("bottom", "left"))]
)
def test_a_phones_rotation_is_honoured(degrees, corner):
    image = read_video(video(rotation=degrees))[0].image
    assert image.shape[:2] == ((48, 64) if degrees == 180 else (64, 48))
    assert bright_corner(image) == corner


def exif(orientation: int) -> bytes:
    """A JPEG whose EXIF says how the camera was held."""
    data = cv2.imencode(".jpg", picture())[1].tobytes()
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"Exif\0\0MM\0\x2a\0\0\0\x08" + struct.pack(">H", 1) + entry + b"\0\0\0\0"
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, ("top", "left")), (3, ("bottom", "right")), (6, ("top", "right")), (8, ("bottom", "left"))],
)
def test_a_cameras_orientation_is_honoured(orientation, corner):
    data = exif(orientation)
    assert bright_corner(decode_jpeg(data)) == corner
    assert bright_corner(read_video(data)[0].image) == corner


def test_large_frames_are_scaled_down():
    (frame,) = read_video(cv2.imencode(".png", picture(1600, 1200))[1].tobytes(), Limits(longest_side=400))
    assert frame.image.shape == (300, 400, 3)
    (frame,) = read_video(cv2.imencode(".jpg", picture(1600, 1200))[1].tobytes(), Limits(longest_side=400))
    assert frame.image.shape == (300, 400, 3)


def png_bomb(width: int, height: int) -> bytes:
    """A few hundred bytes that claim a picture of many gigabytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(cv2.imencode(".jpg", picture())[1].tobytes())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def test_a_picture_that_claims_to_be_huge_is_not_decoded(monkeypatch):
    assert refusal(png_bomb(60_000, 60_000)) in {"too_many_pixels", "broken"}
    assert refusal(png_bomb(3000, 3000)) == "too_many_pixels"
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded before it was measured"))
    for read in (decode_jpeg, read_video):
        with pytest.raises(Unusable) as raised:
            read(jpeg_claiming(60_000, 60_000))
        assert raised.value.reason == "too_many_pixels"


def test_what_is_too_much_is_refused():
    assert refusal(video(), Limits(bytes=100)) == "too_many_bytes"
    assert refusal(video(width=128, height=128), Limits(pixels=128 * 127)) == "too_many_pixels"
    assert refusal(video(count=30), Limits(seconds=2.0)) == "too_long"
    assert refusal(b"") == "empty"


def test_a_file_of_too_many_frames_a_second_is_refused():
    # 400 frames in 0.4 s; half a second of any camera has at most 60.
    assert refusal(video(count=400, rate=1000), Limits(seconds=0.5)) == "too_long"


def test_what_is_kept_is_bounded():
    assert len(read_video(video(count=40), Limits(frames=7))) == 7
    one = 64 * 48 * 3
    assert len(read_video(video(count=40), Limits(memory=5 * one))) == 5


@pytest.mark.parametrize(
    "data",
    [
        b"not a video at all" * 50,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://localhost:1/a.ts\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/hostname\n",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>",
        video()[:200],
    ],
    ids=["text", "playlist", "concatenation", "drawing", "cut-off"],
)
def test_what_is_no_video_is_refused(data):
    assert refusal(data) in {"not_a_video", "broken"}


def test_sound_alone_is_refused():
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert refusal(written.getvalue()) == "not_a_video"


def test_a_recording_that_breaks_off_shows_what_there_is(clip):
    data = clip("franck").read_bytes()
    with av.open(io.BytesIO(data)) as container:
        assert container.streams.video[0].frames > 1000
    written = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(written, "w", format="matroska") as target:
        copied = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None and packet.pts * packet.time_base < 4:
                packet.stream = copied
                target.mux(packet)
    whole = written.getvalue()
    assert 15 <= len(read_video(whole[: len(whole) * 3 // 4])) < len(read_video(whole))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xff\xd8", "broken"),
        (b"GIF89a", "not_a_picture"),
        (b"\xff\xd8\xff\xe0\xff\xff" + b"\0" * 40, "broken"),
        (cv2.imencode(".jpg", picture(9, 9))[1].tobytes()[:30] + b"\0" * 9_000_000, "too_many_bytes"),
    ],
)
def test_what_is_no_jpeg_is_refused(data, reason):
    with pytest.raises(Unusable) as raised:
        decode_jpeg(data)
    assert raised.value.reason == reason


def test_a_missing_file_is_an_error_of_its_own(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        read_video(tmp_path / "none.mp4")
