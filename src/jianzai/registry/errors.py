"""Refusals of this part."""

from jianzai.sentences import say


class Refused(ValueError):
    """What was asked cannot be done; ``code`` names the sentence that says why and what to do."""

    def __init__(self, code: str, **values: object):
        self.code = f"registry.{code}"
        self.values = values
        super().__init__(self.code)

    def __str__(self) -> str:
        return say(self.code, **self.values)
