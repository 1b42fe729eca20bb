"""The pages: what anyone sees, a visit after sign-in, the capture, and what is private."""
