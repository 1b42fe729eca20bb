"""Every role at every clerk's address of every way, inside and outside its area.

A way with ``desk_urls`` keeps, in ``tests/channels/<way>/routes.py``, ``ROUTES`` (address by name), ``rows``
(what stands behind an address's placeholders, for a person) and ``TESTED_ELSEWHERE`` (permission by name).
"""

from importlib import import_module

import pytest
from django.urls import URLPattern

from jianzai.channels.ways import ways
from tests.console import office
from tests.registry.access_matrix import assert_access

DESKS = ways("desk_urls")


@pytest.mark.django_db
@pytest.mark.parametrize("way", DESKS)
def test_every_role_at_every_address(client, way):
    table = import_module(f"tests.channels.{way}.routes")
    office.cycle()
    assert_access(client, table.ROUTES.values(), table.rows)


@pytest.mark.parametrize("way", DESKS)
def test_no_address_is_forgotten_and_each_asks_for_what_the_table_says(way):
    table = import_module(f"tests.channels.{way}.routes")
    patterns = import_module(f"jianzai.channels.{way}.desk_urls").urlpatterns
    views = {each.name: each.callback for each in patterns if isinstance(each, URLPattern)}
    asked = {name: getattr(view, "permission", None) for name, view in views.items()}
    expected = {name: route.permission for name, route in table.ROUTES.items()}
    assert asked == expected | table.TESTED_ELSEWHERE
