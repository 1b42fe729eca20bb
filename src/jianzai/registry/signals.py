"""What this part tells the floors above it, inside its transaction."""

from django.dispatch import Signal

people_added = Signal()
"""``people``: list of Beneficiary that were just added, with their database ids."""
