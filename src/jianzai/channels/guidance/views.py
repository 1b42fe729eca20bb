"""Which way is for me: a question a page, then the steps, papers, places and times of one way."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from jianzai.certification.queries import current_cycle
from jianzai.channels.online.offers import offers
from jianzai.clock import today
from jianzai.registry.models import ServicePoint
from jianzai.registry.service_points import open_points
from jianzai.sentences import language, say
from jianzai.web.speech import clips_url

from .aloud import closed_ways, note, papers, spoken_question, spoken_way, steps
from .rules import GUIDES, Way, answers_to, follow

_MOST_LISTED = 12  # counters on one page, which is to be printed


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """The next question, or the way that the answers in the address lead to. Nothing is kept of them."""
    standing = follow(request.GET, closed_ways())
    if standing.way:
        return render(request, "guidance/way.html", _way(standing.way))
    return render(request, "guidance/question.html", _question(standing.question, standing.answered))


@require_safe
def guide_to(request: HttpRequest, way: Way) -> HttpResponse:
    """One way, without questions."""
    if way in closed_ways():
        raise Http404
    return render(request, "guidance/way.html", _way(way))


@require_safe
def family(request: HttpRequest) -> HttpResponse:
    """What a family does when the person has died."""
    told = {
        part: [say(f"guidance.family_{part}_{number}") for number in range(1, count + 1)]
        for part, count in (("step", 5), ("paper", 2))
    }
    return render(request, "guidance/family.html", told)


def _question(question: str, answered: tuple[tuple[str, str], ...]) -> dict:
    here = reverse("guidance:guide")
    shut = closed_ways()
    return {
        "number": len(answered) + 1,
        "question": say(f"guidance.ask_{question}"),
        "answers": [
            (say(f"guidance.{question}_{answer}"), f"{here}?{urlencode([*answered, (question, answer)])}")
            for answer in answers_to(question, shut)
        ],
        "back": f"{here}?{urlencode(answered[:-1])}" if answered else "",
        "aloud": _aloud(f"guide_asks_{question}", spoken_question(question, closed=shut)),
    }


def _way(way: Way) -> dict:
    cycle = current_cycle()
    begins = next((offer for offer in offers() if offer.view.startswith(f"{GUIDES[way].app}:")), None)
    return {
        "way": way,
        "title": say(f"guidance.{way}_title"),
        "note": note(way),
        "steps": steps(way),
        "papers": papers(way),
        "place": say(f"guidance.{way}_place"),
        "time": say(f"guidance.{way}_time"),
        "deadline": cycle.deadline if cycle and cycle.deadline >= today() else None,
        "begins": begins,
        "near": way in (Way.STATION, Way.VISIT),
        "points": _points_with(ServicePoint.Service.FINGERPRINT) if way is Way.FINGERPRINT else [],
        "aloud": _aloud(f"guide_to_{way}", spoken_way(way)),
    }


def _points_with(service: str) -> list[ServicePoint]:
    """The counters that have ``service``; none where they are too many to list, and are looked up instead."""
    found = list(open_points().filter(services__contains=[service])[: _MOST_LISTED + 1])
    return found if len(found) <= _MOST_LISTED else []


def _aloud(key: str, text: str) -> dict[str, str]:
    return {"key": key, "text": text, "language": language(), "clips": clips_url()}
