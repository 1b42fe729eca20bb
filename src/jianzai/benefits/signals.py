"""What higher floors are told, inside the transaction in which it happens."""

from django.dispatch import Signal

paused = Signal()  # pause, order, actor
died = Signal()  # person, actor: a death was recorded
made_good = Signal()  # pause, order, actor: a pause that had ended was found void, what it withheld is paid
resumed = Signal()  # pause (its state says whether certified or undone), order, actor
