"""One log line a request: the route's template, never the path, since paths hold numbers."""

from __future__ import annotations

import logging
import time
import uuid

_log = logging.getLogger("jianzai.requests")


def log_requests(get_response):
    """Log method, route template, status and milliseconds, and give the request an id for support.

    The id comes back as ``X-Request-Id``. Neither path, query, address nor any header is written down.
    """

    def middleware(request):
        started = time.perf_counter()
        request.id = uuid.uuid4().hex[:12]
        response = get_response(request)
        match = request.resolver_match
        _log.info(
            "request",
            extra={
                "request_id": request.id,
                "method": request.method,
                "route": match.route if match else "",
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - started) * 1000, 1),
            },
        )
        response.headers["X-Request-Id"] = request.id
        return response

    return middleware
