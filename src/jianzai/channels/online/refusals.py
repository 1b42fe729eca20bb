"""What the site does when certification refuses: a page with the plain reason and the next step."""

from __future__ import annotations

from functools import wraps

from django.shortcuts import redirect

from jianzai.certification.errors import ConsentMissing, NoReference, Refused

from .visit import Visit


def explains_refusals(view):
    """A refused act leads to a page that says why; where one step is missing, to that step."""

    @wraps(view)
    def explained(request, *arguments, **keywords):
        try:
            return view(request, *arguments, **keywords)
        except ConsentMissing:
            return redirect("online:consent")
        except NoReference:
            return redirect("online:model")
        except Refused as refusal:
            Visit(request).remember_refusal(refusal)
            return redirect("online:refused")

    return explained
