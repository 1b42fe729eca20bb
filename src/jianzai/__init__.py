"""jianzai 健在: annual proof of life and entitlement for pensioners."""

__version__ = "0.1.0"
