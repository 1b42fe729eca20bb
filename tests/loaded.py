"""What the processes of ``tests.processes`` have loaded before they are forked: all of it, no connection."""

import django

django.setup()

from django.urls import get_resolver  # noqa: E402

import jianzai.benefits.cli  # noqa: E402
import jianzai.operations.cli  # noqa: E402
import jianzai.operations.tasks  # noqa: E402, F401

_ = get_resolver().url_patterns
