"""What higher floors are told, inside the transaction in which it happens."""

from django.dispatch import Signal

paused = Signal()  # pause, order, actor
died = Signal()  # person, death, actor: a death was recorded
death_withdrawn = Signal()  # person, death, actor: it was recorded by mistake
claim_changed = Signal()  # death: another month is the first not paid, and what was overpaid is another sum
made_good = Signal()  # pause, order, actor: a pause that had ended was found void, what it withheld is paid
resumed = Signal()  # pause (its state says whether certified or undone), order, actor
