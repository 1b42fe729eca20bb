"""The identity card at the counter: what was read of it, and whether it is the person's. Pure rules; only
``sources`` opens pictures."""
