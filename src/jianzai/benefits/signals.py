"""What higher floors are told, inside the transaction in which it happens."""

from django.dispatch import Signal

paused = Signal()  # pause, order, actor
died = Signal()  # person, actor: a death was recorded
resumed = Signal()  # pause (its state says whether certified or undone), order, actor
