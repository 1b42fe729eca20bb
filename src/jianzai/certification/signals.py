"""What higher floors are told, inside the transaction in which it happens."""

from django.dispatch import Signal

certified = Signal()  # obligation, certification, actor
case_closed = Signal()  # case, actor
retention_due = Signal()  # as_of: what is kept for a time until a day before it goes
