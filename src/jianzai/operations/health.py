"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from jianzai.certification.engine import current_pack
from jianzai.certification.models import Pack
from jianzai.faces.models import ModelMissing, available_packs
from jianzai.vault import KeysMissing, vault


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, keys and the packs in use are there: 200, or 503 with what is not."""
    found = {name: _works(probe) for name, probe in _PROBES.items()}
    return JsonResponse(found, status=200 if all(found.values()) else 503)


def _works(probe: Callable[[], bool]) -> bool:
    try:
        return probe()
    except (DatabaseError, KeysMissing, ModelMissing):
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _keys() -> bool:
    return vault() is not None


def _pack() -> bool:
    """Every pack that references were made with can be used, the current one included."""
    return {current_pack(), *Pack.objects.values_list("name", flat=True)} <= set(available_packs())


_PROBES = {"database": _database, "keys": _keys, "pack": _pack}
