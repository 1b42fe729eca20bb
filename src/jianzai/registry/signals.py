"""What higher floors are told, inside the transaction in which it happens."""

from django.dispatch import Signal

replaced = Signal()  # person, actor: a personal number now stands for somebody of another name and document
