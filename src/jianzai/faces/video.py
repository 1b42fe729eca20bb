"""An upload or a file made into time-stamped frames, bounded before anything is decoded.

What people send is not trusted: a file of a few kilobytes can claim a picture that
fills the memory, a "video" can be a playlist that opens addresses. So sizes are
read from the headers first, only plain containers are opened, and frames that are
not wanted are not kept.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from .types import Frame

# Demuxers that read nothing but the stream they are given.
_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,mpeg,ogg,png_pipe,webp_pipe"
_JPEG = b"\xff\xd8"
_QUARTERS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


class Unusable(ValueError):
    """The file cannot be used; ``reason`` is a code that has a sentence in every language.

    Codes: ``empty``, ``too_many_bytes``, ``not_a_video``, ``not_a_picture``, ``too_many_pixels``,
    ``too_long``, ``broken``.
    """

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted, and how much of it is kept."""

    bytes: int = 64 * 1024 * 1024
    pixels: int = 2560 * 1920  # of one frame
    seconds: float = 300.0
    frames_a_second: float = 10.0  # more are skipped; enough for a head turn
    frames: int = 600  # kept; where there are more, the clip's beginning
    memory: int = 600 * 1024 * 1024  # bytes of frames kept
    longest_side: int = 800  # pixels; larger frames are scaled down, recognition needs no more


_FASTEST = 120  # frames a second that any camera takes; a file with more is made to keep us busy
_PICTURE_BYTES = 8 * 1024 * 1024


def read_video(
    source: Path | bytes,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    start: float = 0.0,
    end: float = float("inf"),
) -> list[Frame]:
    """The frames of a video (or one picture) from ``start`` to ``end`` seconds, upright, in order of time.

    Times are the file's, from its first frame. Raises Unusable, and OSError for a file that cannot be read.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size == 0:
        raise Unusable("empty")
    if size > limits.bytes:
        raise Unusable("too_many_bytes")
    # From memory, without a name: names make the demuxer guess by extension.
    data = source if isinstance(source, bytes) else source.read_bytes()
    if data[:2] == _JPEG:
        return [Frame(image=_smaller(decode_jpeg(data, limits.pixels), limits.longest_side), time=0.0)]
    options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": ""}
    try:
        with av.open(io.BytesIO(data), options=options) as container:
            return _frames(container, limits, start, end)
    except (av.error.FFmpegError, ValueError, IndexError) as error:
        if isinstance(error, Unusable):
            raise
        raise Unusable("not_a_video") from error


def _frames(container: av.container.InputContainer, limits: Limits, start: float, end: float) -> list[Frame]:
    if not container.streams.video:
        raise Unusable("not_a_video")
    video = container.streams.video[0]
    codec = video.codec_context
    if codec.width * codec.height > limits.pixels:
        raise Unusable("too_many_pixels")
    if container.duration and container.duration / av.time_base > limits.seconds:
        raise Unusable("too_long")
    codec.options = {"max_pixels": str(limits.pixels)}  # a later frame may claim another size than the header
    codec.thread_count = 1
    rate = float(video.average_rate or 0) or 25.0
    kept: list[Frame] = []
    memory = 0
    first = due = None
    try:
        for count, frame in enumerate(container.decode(video)):
            if frame.width * frame.height > limits.pixels:
                raise Unusable("too_many_pixels")
            time = count / rate if frame.time is None else frame.time
            first = time if first is None else first
            time -= first
            if time > limits.seconds or count > limits.seconds * _FASTEST:
                raise Unusable("too_long")
            if time >= end or len(kept) == limits.frames:
                break
            # Half a frame of tolerance, so that rates which do not divide evenly are not halved.
            if time < start or (due is not None and time < due - 0.5 / rate):
                continue
            due = max(time, due or time) + 1 / limits.frames_a_second
            image = _upright(frame, limits.longest_side)
            memory += image.nbytes
            if memory > limits.memory:
                break
            kept.append(Frame(image=image, time=time))
    except av.error.FFmpegError as error:
        if not kept:
            raise Unusable("broken") from error
        # A recording that was cut off still shows the person up to there.
    if not kept:
        raise Unusable("not_a_video")
    return kept


def _upright(frame: av.VideoFrame, longest_side: int) -> np.ndarray:
    """BGR pixels with the file's rotation applied, scaled down to ``longest_side``."""
    width, height = _fitting(frame.width, frame.height, longest_side)
    image = frame.to_ndarray(format="bgr24", width=width, height=height)
    quarter = _QUARTERS.get(round(frame.rotation) % 360)  # degrees counter-clockwise
    return image if quarter is None else cv2.rotate(image, quarter)


def _smaller(image: np.ndarray, longest_side: int) -> np.ndarray:
    size = _fitting(image.shape[1], image.shape[0], longest_side)
    return image if size == image.shape[1::-1] else cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _fitting(width: int, height: int, longest_side: int) -> tuple[int, int]:
    scale = min(1.0, longest_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def decode_jpeg(data: bytes, pixels: int = 2560 * 1920) -> np.ndarray:
    """The (height, width, 3) uint8 BGR picture in a JPEG, turned as its EXIF says.

    Its size is read from the header before it is decoded. Raises Unusable.
    """
    if not data:
        raise Unusable("empty")
    if len(data) > _PICTURE_BYTES:
        raise Unusable("too_many_bytes")
    width, height = _jpeg_size(data)
    if width * height > pixels:
        raise Unusable("too_many_pixels")
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise Unusable("broken")
    return image


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height in the frame header (ITU-T T.81, B.2.2). Raises Unusable."""
    if data[:2] != _JPEG:
        raise Unusable("not_a_picture")
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        # Frame headers are SOF0 to SOF15 but for DHT, JPG and DAC, which share their range.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            if width == 0 or height == 0:
                raise Unusable("broken")
            return width, height
        at += 2 + length
    raise Unusable("broken")
