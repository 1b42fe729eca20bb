"""What higher floors are told, inside the transaction in which it happens."""

from django.dispatch import Signal

certified = Signal()  # obligation, certification, actor
case_closed = Signal()  # case, actor
