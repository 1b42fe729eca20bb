"""The pages of home visits: for the retiree, for the clerk at a desk, for the officer at the door."""
