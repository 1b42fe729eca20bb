"""Where the ways to certify hang their own routes into the API, as their apps get ready."""

from __future__ import annotations

from ninja import Router

_routers: list[Router] = []


def add_routes(router: Router) -> None:
    """Serve the routes of ``router`` from now on; before the API's addresses are first read."""
    if router not in _routers:
        _routers.append(router)


def routers() -> list[Router]:
    """What ways added, in the order in which they did."""
    return list(_routers)
