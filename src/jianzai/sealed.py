"""Columns that hold what the vault sealed; each says what its values are bound to, so all can be found."""

from __future__ import annotations

from django.apps import apps
from django.db import models


class SealedField(models.BinaryField):
    """What ``Vault.seal`` made; NULL or empty where there is nothing.

    purpose: what it is sealed as. owner, model: where what it is sealed for stands, as a path from its row
    (``person__key``); no model where none was given.
    """

    def __init__(self, *, purpose: str, owner: str, model: str = "", **options):
        self.purpose, self.owner, self.sealed_model = purpose, owner, model
        super().__init__(**options)

    def deconstruct(self):
        """As a binary column, which it is: migrations need not know what lies in it."""
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.BinaryField", arguments, options

    def clone(self):
        _, _, arguments, options = self.deconstruct()
        return models.BinaryField(*arguments, **options)


def sealed_columns() -> list[SealedField]:
    """Every sealed column of every model there is."""
    return [
        field
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, SealedField)
    ]
