"""The mark that everything made by the demo carries, so that production finds and refuses it."""

DEMO_MARK = "DEMO"
