"""A form sent twice is carried out once.

Every form that changes something carries a random token (``{% submission %}``). The first request that
brings it writes a row in the same transaction as the act; a second one, even at the same moment, waits
for that row and is led to the page the first one led to.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect

from .models import Submission

FIELD = "submission"


@transaction.atomic
def once(request: HttpRequest, act: Callable[[], str]) -> HttpResponseRedirect:
    """Carry out ``act``, which returns the address to go on to, unless this very form was carried out before.

    One transaction: what ``act`` raises undoes everything, and the same form can be sent again.
    """
    try:
        token = uuid.UUID(request.POST.get(FIELD, ""))
    except ValueError:
        return HttpResponseRedirect(act())
    submission, first = Submission.objects.get_or_create(token=token, defaults={"staff": request.staff})
    if not first and submission.staff_id == request.staff.pk:
        return HttpResponseRedirect(submission.page)
    page = act()
    Submission.objects.filter(token=token).update(page=page)
    return HttpResponseRedirect(page)
