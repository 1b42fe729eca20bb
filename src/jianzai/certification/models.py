"""Cycles, obligations, captures, reference faces, consent, certifications and review."""

import uuid

from django.db import models
from django.db.models import Q

from jianzai.registry.models import Beneficiary, Staff
from jianzai.sealed import SealedField

from . import sealing


class Pack(models.Model):
    """A model pack this deployment enrols or enrolled with; one is current, old ones go on verifying."""

    name = models.CharField(max_length=40, primary_key=True)
    current = models.BooleanField(default=False)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["current"], condition=Q(current=True), name="one_current_pack")
        ]


class Cycle(models.Model):
    """One certification cycle 认证周期 with the policy it was opened under, as data."""

    year = models.PositiveSmallIntegerField(unique=True)
    policy = models.JSONField()  # jianzai.entitlement.Policy.to_dict()
    opens = models.DateField()
    deadline = models.DateField()
    declared = models.DateField()  # the office's day on which it was opened; who comes later is a newcomer
    opened = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-year"]


class Obligation(models.Model):
    """One person's duty to certify in one cycle 认证义务.

    ``standing`` is the state machine's state (jianzai.entitlement.Standing.to_dict()), ``status`` and
    ``due`` copies of parts of it for queries. Only ``services.record_event`` writes them.
    """

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="obligations")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="obligations")
    standing = models.JSONField()
    status = models.CharField(max_length=12)
    due = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "cycle"], name="one_obligation_per_cycle")]
        indexes = [models.Index(fields=["cycle", "status", "due"])]


class ObligationEvent(models.Model):
    """What happened to an obligation, in order; replaying them gives its standing."""

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    event = models.JSONField()

    class Meta:
        ordering = ["id"]


class Consent(models.Model):
    """A person's separate consent 授权同意 to one use of their face, with the text they saw."""

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="consents")
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    given = models.DateTimeField(auto_now_add=True)
    withdrawn = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT)  # at a counter
    # which newer text they were offered instead, after which attempt, and when they said that this one stays
    offered = models.CharField(max_length=20, default="", blank=True)
    offered_after = models.ForeignKey("Attempt", null=True, on_delete=models.PROTECT, related_name="+")
    kept = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]


class FaceRefusal(models.Model):
    """A person does not want their face used: nobody asks again until they say otherwise.

    Signing in is enough to say so, and to take it back; it deletes nothing (``withdraw_consent`` does).
    ``firm``: they were known for themselves as they took their consent back; only a clerk who meets them, or
    a new consent before one, ends it.
    """

    person = models.OneToOneField(
        Beneficiary, primary_key=True, on_delete=models.PROTECT, related_name="face_refusal"
    )
    on = models.DateField()
    firm = models.BooleanField(default=False)


class CaptureSession(models.Model):
    """One conversation with a camera 采集会话: to model a face or to verify one.

    ``challenge`` is jianzai.faces.records' Challenge. Nothing of a running session lives in a process:
    any server takes the next batch. Times of prompts are seconds since ``opened``.
    """

    class Purpose(models.TextChoices):
        ENROL = "enrol"
        VERIFY = "verify"

    class State(models.TextChoices):
        OPEN = "open"
        DECIDED = "decided"
        ABANDONED = "abandoned"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="sessions")
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    pack = models.CharField(max_length=40)
    channel = models.CharField(max_length=20)  # online, station, api, command_line
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT)  # at a counter
    address = models.GenericIPAddressField(null=True)  # from where; stands by all that follows in the record
    helper = models.PositiveIntegerField(null=True)  # who opened it for the person (audit's Actor.helping)
    consent = models.ForeignKey(Consent, null=True, on_delete=models.PROTECT)
    clip = models.PositiveSmallIntegerField(default=1)  # which clip of a modelling this is
    continues = models.ForeignKey("self", null=True, on_delete=models.PROTECT)  # the clip before it
    slow = models.BooleanField(default=False)
    replay = models.BooleanField(default=False)  # the demo's replay of a sample clip
    challenge = models.JSONField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened = models.DateTimeField()
    closed = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "opened"])]


class Batch(models.Model):
    """One post of frames, observed. ``frames`` and ``embeddings`` are sealed and go after the decision."""

    session = models.ForeignKey(CaptureSession, on_delete=models.CASCADE, related_name="batches")
    sequence = models.PositiveIntegerField()
    received = models.FloatField()  # seconds since the session opened
    answered = models.FloatField()  # the same clock
    observations = models.JSONField()  # jianzai.faces.records, numbers only
    embeddings = SealedField(
        purpose=sealing.PROBES, owner="session__person__key", model="session__pack", null=True
    )
    frames = SealedField(purpose=sealing.FRAMES, owner="session__person__key", null=True)
    answer = models.JSONField()  # what the browser was told; told again when the batch comes twice

    class Meta:
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint(fields=["session", "sequence"], name="one_batch_per_sequence")]


class ReferenceFace(models.Model):
    """A person's modelled face 人脸模型: templates sealed for person, purpose and pack."""

    class State(models.TextChoices):
        PENDING = "pending"  # made at home; waits for a clerk
        ACTIVE = "active"
        REPLACED = "replaced"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"  # templates deleted with the consent

    # what goes when it is no longer used
    WITHOUT_FACE = {
        "templates": None,
        "grown": None,
        "grown_from": [],
        "picture": None,
        "falling_since": None,
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="references")
    pack = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices)
    templates = SealedField(purpose=sealing.TEMPLATE, owner="person__key", model="pack", null=True)
    # by which certifications it grew, sealed as the templates are, and of which attempts, the oldest first
    grown = SealedField(purpose=sealing.GROWN, owner="person__key", model="pack", null=True)
    grown_from = models.JSONField(default=list)  # [{"attempt": id, "on": civil date}]
    clips = models.JSONField()
    quality = models.FloatField()
    # a JPEG for clerks who review
    picture = SealedField(purpose=sealing.PICTURE, owner="person__key", null=True)
    consent = models.ForeignKey(Consent, null=True, on_delete=models.PROTECT)
    made = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    searched = models.DateTimeField(null=True)  # when it was compared with everybody else's
    # civil date of the certification from which on its person's scores are seen to fall; null: they do not
    falling_since = models.DateField(null=True)

    class Meta:
        ordering = ["-made"]
        indexes = [
            models.Index(
                fields=["made"],
                condition=Q(searched=None, state__in=["pending", "active"]),
                name="references_to_search",
            ),
            models.Index(
                fields=["falling_since"],
                condition=Q(falling_since__isnull=False),
                name="references_to_make_anew",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state="active"), name="one_active_reference"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(state="pending"), name="one_pending_reference"
            ),
            models.CheckConstraint(
                condition=Q(templates__isnull=False) | ~Q(state__in=["pending", "active"]),
                name="usable_reference_has_templates",
            ),
            models.CheckConstraint(
                condition=Q(grown__isnull=True) | Q(state="active"), name="only_a_reference_in_use_has_grown"
            ),
            models.CheckConstraint(
                condition=Q(falling_since__isnull=True) | Q(state="active"),
                name="only_scores_of_a_reference_in_use_fall",
            ),
        ]


class ModelledFile(models.Model):
    """A file that was given to model somebody's face with, and what came of it: it is not looked at again."""

    person = models.ForeignKey(Beneficiary, on_delete=models.CASCADE, related_name="modelled_files")
    pack = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    reference = models.ForeignKey(ReferenceFace, null=True, on_delete=models.CASCADE)
    reasons = models.JSONField()  # why there is no reference
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "pack", "sha256"], name="a_file_of_a_person_once"),
            models.CheckConstraint(
                condition=Q(reference=None) ^ Q(reasons=[]), name="modelled_or_refused_with_reasons"
            ),
        ]


class Lookalike(models.Model):
    """Somebody else whose face a new reference resembles more than strangers do; for a clerk to judge."""

    reference = models.ForeignKey(ReferenceFace, on_delete=models.CASCADE, related_name="lookalikes")
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="+")
    similarity = models.PositiveSmallIntegerField()  # 0-100; 60 at the threshold for two people
    score = models.FloatField()  # normalised, in deviations

    class Meta:
        ordering = ["-score"]
        constraints = [models.UniqueConstraint(fields=["reference", "person"], name="one_lookalike_a_person")]


class Attempt(models.Model):
    """The outcome of a verifying session 尝试, with the numbers needed to judge it again."""

    session = models.OneToOneField(CaptureSession, on_delete=models.PROTECT, related_name="attempt")
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="attempts")
    reference = models.ForeignKey(ReferenceFace, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)
    on = models.DateField()  # civil date
    decision = models.CharField(max_length=10)
    live = models.BooleanField()
    similarity = models.PositiveSmallIntegerField()
    reasons = models.JSONField()
    voices = models.JSONField()
    comparison = models.JSONField()
    policy = models.JSONField()  # the thresholds it was judged with
    # only while a review needs them
    kept_frames = SealedField(purpose=sealing.FRAMES, owner="person__key", null=True)
    keep_until = models.DateField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["keep_until"], condition=Q(kept_frames__isnull=False), name="frames_to_delete"
            )
        ]


class Certification(models.Model):
    """The fact that someone was certified in a cycle 认证, by any way. Never changed, never deleted."""

    obligation = models.OneToOneField(Obligation, on_delete=models.PROTECT, related_name="certification")
    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="certifications")
    channel = models.CharField(max_length=20)
    on = models.DateField()  # civil date
    at = models.DateTimeField(auto_now_add=True)
    attempt = models.ForeignKey(Attempt, null=True, on_delete=models.PROTECT)
    officer = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT)
    evidence = models.JSONField()  # what was seen: document, reason, note, similarity
    serial = models.CharField(max_length=24, unique=True)
    signature = models.BinaryField(max_length=64)

    class Meta:
        ordering = ["-id"]


class CertificationPlace(models.Model):
    """A certification's place in the order in which they became visible: what payers' cursors count.

    Written by a trigger when the certification's transaction commits: from 1 without gaps, and behind a place
    that somebody has read no smaller one turns up. A certification's own id promises neither.
    """

    position = models.BigIntegerField(primary_key=True)
    certification = models.OneToOneField(Certification, on_delete=models.PROTECT, related_name="place")

    class Meta:
        ordering = ["position"]


class ReviewCase(models.Model):
    """A question for a clerk 人工复核; while open it may hold a pause."""

    class Kind(models.TextChoices):
        FAILED_ATTEMPT = "failed_attempt"
        UNCERTAIN = "uncertain"
        NEW_REFERENCE = "new_reference"
        LOOKALIKE = "lookalike"  # a reference in use resembles somebody else's
        SAMPLE = "sample"  # drawn from an employer's list, and no face came; holds and pauses nothing

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        REJECTED = "rejected"
        IN_PERSON = "in_person"  # the hold ran out; the person is asked to come or be visited
        OVERTAKEN = "overtaken"  # certified another way meanwhile

    person = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="cases")
    obligation = models.ForeignKey(Obligation, null=True, on_delete=models.PROTECT, related_name="cases")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    attempt = models.ForeignKey(Attempt, null=True, on_delete=models.PROTECT)
    reference = models.ForeignKey(ReferenceFace, null=True, on_delete=models.PROTECT)
    opened = models.DateTimeField(auto_now_add=True)
    holds_until = models.DateField(null=True)
    closed = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT)
    finding = models.CharField(max_length=500, blank=True)  # the clerk's reason

    class Meta:
        ordering = ["opened"]
        indexes = [models.Index(fields=["state", "opened"])]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(state="open"), name="one_open_case_a_kind"
            )
        ]

    @property
    def shown(self) -> str:
        """Names what a decision is about; another attempt or model that comes in changes it."""
        return f"{self.attempt_id or ''}/{self.reference_id or ''}"
