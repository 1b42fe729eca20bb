"""Structured logs: one JSON object a line, without names, numbers or faces."""

import json
import logging
from datetime import UTC, datetime
from http.client import responses
from traceback import format_tb

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _message(record: logging.LogRecord) -> str:
    """The message; where Django reports on a request, only its status in words.

    Its own messages hold the path, the referring page or the host, which hold numbers and keys, now in one
    place and now in another.
    """
    if hasattr(record, "request"):
        return responses.get(getattr(record, "status_code", None), "request")
    return record.getMessage()


def _trace(error: BaseException | None) -> str:
    """Where it happened and the kind of error, with what it came from; not its words, which quote values."""
    told = []
    while error is not None:
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        told.append("".join(format_tb(error.__traceback__)) + kind)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(reversed(told))


class JsonFormatter(logging.Formatter):
    """``logger.info("batch observed", extra={"session": id})`` becomes one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        for name, value in vars(record).items():
            if name not in _KNOWN and isinstance(value, (str, int, float, bool, type(None))):
                entry[name] = value
        if record.exc_info:
            entry["trace"] = _trace(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False)
