"""Somebody's reminders and contacts."""

from __future__ import annotations

from jianzai.audit.services import Actor
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.notices import services

ADDRESS = "410001 长沙市芙蓉区解放东路 18 号"


def remind(person):
    return services.remind(current_obligation(person), Actor.SYSTEM)


def contacts(person) -> list[tuple[str, str]]:
    return [(str(each.on), each.channel) for each in standing_of(current_obligation(person)).contacts]
