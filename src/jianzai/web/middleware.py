"""Security headers on every answer, and words where Django has none."""

from django.conf import settings

from .errors import wrong_method


def content_policy(*reached: str) -> str:
    """The content security policy of a page; ``reached``: other origins its scripts may ask."""
    origins = " ".join(("'self'", *reached))
    return (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        f"media-src 'self' blob:; connect-src {origins}; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


_POLICY = content_policy()


def security_headers(get_response):
    """Content security policy without inline scripts; the camera only where a view asks for it.

    A view that uses the camera sets ``response["Permissions-Policy"]`` itself (jianzai.web.camera).
    """

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if not response.headers.get("Cache-Control") and not request.path.startswith(settings.STATIC_URL):
            response.headers["Cache-Control"] = "no-store"
        return response

    return middleware


def explains_wrong_methods(get_response):
    """A browser that opens an address which takes only forms gets a page that leads on, not an empty one."""

    def middleware(request):
        response = get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = wrong_method(request)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return middleware
