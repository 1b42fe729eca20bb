"""Every refusal of the API: a status, a code that stays, and a sentence in the caller's language."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from jianzai.certification.errors import (
    NoCycle,
    NoReference,
    NotEntitled,
    Refused,
    TooManyAttempts,
    UnusableVideo,
)
from jianzai.sentences import say


class Wrong(Schema):
    """One field that is not as declared."""

    where: str
    what: str


class Failure(Schema):
    """Why nothing was done."""

    code: str
    sentence: str
    fields: list[Wrong] = []


class ApiError(Exception):
    """Raised by routers; ``code`` is a sentence of api.toml."""

    def __init__(self, status: HTTPStatus, code: str, *, fields: Sequence[Wrong] = (), **values: object):
        self.status, self.code, self.fields, self.values = status, code, fields, values
        super().__init__(code)


_STATUS_OF_REFUSAL: dict[type[Refused], HTTPStatus] = {
    NoCycle: HTTPStatus.CONFLICT,
    NoReference: HTTPStatus.CONFLICT,
    NotEntitled: HTTPStatus.CONFLICT,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    UnusableVideo: HTTPStatus.UNPROCESSABLE_ENTITY,
}


def install(api: NinjaAPI) -> None:
    """Make every failure of ``api`` answer as a ``Failure``."""

    def answer(request: HttpRequest, status: int, code: str, sentence: str, fields=()) -> HttpResponse:
        return api.create_response(
            request, Failure(code=code, sentence=sentence, fields=list(fields)), status=status
        )

    @api.exception_handler(ApiError)
    def refused_here(request: HttpRequest, error: ApiError) -> HttpResponse:
        return answer(
            request, error.status, error.code, say(f"api.{error.code}", **error.values), error.fields
        )

    @api.exception_handler(Refused)
    def refused_below(request: HttpRequest, error: Refused) -> HttpResponse:
        status = next(
            (status for kind, status in _STATUS_OF_REFUSAL.items() if isinstance(error, kind)),
            HTTPStatus.CONFLICT,
        )
        return answer(request, status, error.code, error.sentence())

    @api.exception_handler(AuthenticationError)
    def not_known(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        response = answer(request, HTTPStatus.UNAUTHORIZED, "no_token", say("api.no_token"))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(ValidationError)
    def not_as_declared(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields = [
            Wrong(where=".".join(str(step) for step in found["loc"]), what=found["msg"])
            for found in error.errors
        ]
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", say("api.invalid"), fields)

    @api.exception_handler(RequestDataTooBig)
    def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        return answer(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_big", say("api.too_big"))

    @api.exception_handler(HttpError)
    def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(request, error.status_code, "unreadable", say("api.unreadable"))
