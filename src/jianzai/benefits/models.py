"""Payment status, sweeps, pauses and the orders that payers receive."""

from django.db import models
from django.db.models import Q

from jianzai.certification.models import Obligation
from jianzai.registry.models import Area, Beneficiary, Staff


class Benefit(models.Model):
    """Whether a person's pension is being paid."""

    class State(models.TextChoices):
        PAYING = "paying"
        PAUSED = "paused"
        ENDED = "ended"

    person = models.OneToOneField(Beneficiary, on_delete=models.PROTECT, related_name="benefit")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PAYING)
    changed = models.DateTimeField(auto_now=True)


class Sweep(models.Model):
    """One run over the overdue 停发批次: proposed by one person, confirmed by a second, undone as a whole.

    In the states CONFIRMED and UNDOING there is something left to do, which is the worker's.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed"
        CONFIRMED = "confirmed"  # released; pauses are being carried out
        DONE = "done"
        UNDOING = "undoing"  # taken back; the people it paused are being paid again
        UNDONE = "undone"
        DISCARDED = "discarded"

    as_of = models.DateField()
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    cap = models.PositiveIntegerField(null=True)  # at most this many pauses in each district
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed = models.DateTimeField(auto_now_add=True)
    proposed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    undone = models.DateTimeField(null=True)  # when somebody asked for it; it is over in the state UNDONE
    undone_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    report = models.JSONField(default=dict)  # counts and the reasons people were left out

    class Meta:
        ordering = ["-id"]


class Pause(models.Model):
    """One person's payment stopped 停发 for one obligation."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ACTIVE = "active"
        RESUMED = "resumed"
        UNDONE = "undone"
        DROPPED = "dropped"  # certified or held between proposal and release
        ENDED = "ended"

    sweep = models.ForeignKey(Sweep, on_delete=models.PROTECT, related_name="pauses")
    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="pauses")
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="pauses")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    dropped_because = models.CharField(max_length=60, blank=True)  # code of a sentence, when DROPPED
    effective_month = models.CharField(max_length=7)  # YYYY-MM, first month not paid
    resumed_month = models.CharField(max_length=7, blank=True)  # first month paid on the regular run again
    # First month granted after all: the months from ``effective_month`` to the one before it stay withheld.
    granted_from = models.CharField(max_length=7, blank=True)
    # Found void only after it ended: what stayed withheld before this month was paid with an ARREARS order.
    made_good_to = models.CharField(max_length=7, blank=True)
    arrears_fen = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["sweep", "person"], name="one_pause_per_sweep_and_person"),
            models.UniqueConstraint(fields=["person"], condition=Q(state="active"), name="one_active_pause"),
        ]


class Counter(models.Model):
    """The last number given out; its row stays locked until the number is committed, so none is ever lost."""

    name = models.CharField(max_length=20, primary_key=True)
    last = models.PositiveIntegerField()


class OrderFile(models.Model):
    """An export of orders to the payer, and what came back.

    ``total_fen`` is the sum of the arrears to be paid. ``sha256`` covers the bytes of ``content`` up to its
    last line, which holds it.
    """

    sequence = models.PositiveIntegerField(unique=True)
    made = models.DateTimeField(auto_now_add=True)
    orders = models.PositiveIntegerField()
    total_fen = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.TextField()
    acknowledged = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-sequence"]


class Order(models.Model):
    """One instruction to the payer: the outbox. ``sequence`` has no gaps.

    A PAUSE stops payment from ``effective_month`` on, a RESUME pays again from it on and ``arrears_fen``
    besides, an END stops for good; ``overpaid_fen`` is what was paid for months after a death. A RESUME
    without a pause takes an END back. ARREARS pay ``arrears_fen`` with the pension of ``effective_month`` and
    change nothing else: their pause was over when it was found void.
    """

    class Kind(models.TextChoices):
        PAUSE = "pause"
        RESUME = "resume"
        END = "end"
        ARREARS = "arrears"

    class State(models.TextChoices):
        QUEUED = "queued"
        EXPORTED = "exported"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        CORRECTED = "corrected"  # a new order was sent in its place

    sequence = models.PositiveIntegerField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="orders")
    pause = models.ForeignKey(Pause, null=True, on_delete=models.PROTECT, related_name="orders")
    effective_month = models.CharField(max_length=7)
    monthly_fen = models.PositiveBigIntegerField()
    arrears_fen = models.PositiveBigIntegerField(default=0)
    instalments = models.PositiveSmallIntegerField(default=1)
    overpaid_fen = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    made = models.DateTimeField(auto_now_add=True)
    file = models.ForeignKey(OrderFile, null=True, on_delete=models.PROTECT, related_name="contents")
    rejection = models.CharField(max_length=300, blank=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["pause", "kind"],
                condition=Q(replaces__isnull=True) & Q(pause__isnull=False),
                name="one_order_a_kind_per_pause",
            )
        ]


class Death(models.Model):
    """A death recorded by a clerk from a document; ends the benefit.

    One recorded by mistake is withdrawn by a supervisor and stays as a row; a person has at most one that
    stands.
    """

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="deaths")
    died_on = models.DateField()
    document = models.CharField(max_length=100)  # kind and number
    document_on = models.DateField(null=True)  # its date; unknown of deaths recorded before it was asked for
    recorded = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ended_month = models.CharField(max_length=7)  # first month not paid because of it
    overpaid_months = models.PositiveSmallIntegerField()
    overpaid_fen = models.PositiveBigIntegerField()
    withdrawn = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(withdrawn__isnull=True), name="one_standing_death"
            )
        ]
