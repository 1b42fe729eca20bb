from tests.browser import browse, chromium, playwright_driver  # noqa: F401
