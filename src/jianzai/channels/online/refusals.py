"""What the site does when certification refuses: a page with the plain reason and the next step."""

from __future__ import annotations

from functools import wraps

from django.shortcuts import redirect, render

from jianzai.certification.errors import ConsentMissing, NoReference, Refused, TooManyAttempts

_CONFLICT = 409


def explains_refusals(view):
    """A refused act becomes a page; where one step is missing, the person is led to that step."""

    @wraps(view)
    def explained(request, *arguments, **keywords):
        try:
            return view(request, *arguments, **keywords)
        except ConsentMissing:
            return redirect("online:consent")
        except NoReference:
            return redirect("online:model")
        except Refused as refusal:
            until = refusal.until if isinstance(refusal, TooManyAttempts) else None
            context = {"sentence": refusal.sentence(), "until": until}
            return render(request, "online/refused.html", context, status=_CONFLICT)

    return explained
