"""What higher floors are told, inside the transaction in which it happens."""

from django.dispatch import Signal

certified = Signal()  # obligation, certification, actor
proved_again = (
    Signal()
)  # obligation, certification, channel, on, actor: one more proof of life, of somebody certified already
# session, observations: a capture is decided; its embeddings are here this once. Within the transaction.
captured = Signal()
scores_fall = Signal()  # certification: its person should be modelled anew before the next one
face_forgotten = Signal()  # person, actor: what shows their face is to go at once
case_closed = Signal()  # case, actor
retention_due = Signal()  # as_of: what is kept for a time until a day before it goes
