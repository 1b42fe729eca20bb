"""What a token may be used for."""

from enum import StrEnum


class Scope(StrEnum):
    STATUS = "status"  # one person's standing
    CERTIFICATIONS = "certifications"  # who was certified
    ORDERS = "orders"  # orders to the payer, and their export
    ACKNOWLEDGE = "acknowledge"  # the payer's answer
    VERIFY = "verify"  # open a challenge and send its video
    SIGNS = "signs"  # hand over another office's records
    VISITS = "visits"  # ask for a home visit, and see how it stands
