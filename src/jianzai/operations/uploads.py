"""Uploads are bounded before a byte of them is kept."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

_HEARD_OUT = 4
_CHUNK = 2**16


class BoundedUpload(FileUploadHandler):
    """Refuses a multipart body that says it is longer than ``UPLOAD_MAX_SIZE`` bytes.

    Django reads no more of a body than its Content-Length says, so the length said is the length had; a
    body without one is read as empty. Stands first among the handlers and passes every chunk on.

    Of what is refused up to ``_HEARD_OUT`` times as much is read and forgotten: a browser whose upload breaks
    off half-way shows no page, and so no sentence.
    """

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):  # noqa: N803
        if content_length > settings.UPLOAD_MAX_SIZE:
            left = _HEARD_OUT * settings.UPLOAD_MAX_SIZE
            while left > 0 and (chunk := input_data.read(_CHUNK)):
                left -= len(chunk)
            raise RequestDataTooBig(f"the upload is larger than {settings.UPLOAD_MAX_SIZE} bytes")

    def receive_data_chunk(self, raw_data, start):
        return raw_data

    def file_complete(self, file_size):
        return None
