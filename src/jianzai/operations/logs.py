"""Structured logs: one JSON object a line, without names, numbers or faces."""

import json
import logging
from datetime import UTC, datetime

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _message(record: logging.LogRecord) -> str:
    """The message; where Django reports on a request, its reason without the path, which may hold numbers."""
    if hasattr(record, "request") and isinstance(record.args, tuple) and record.args:
        return str(record.args[0])
    return record.getMessage()


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
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
