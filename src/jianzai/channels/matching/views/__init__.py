"""The pages: what the person sees, the clerks' cases, the sources and their files."""
