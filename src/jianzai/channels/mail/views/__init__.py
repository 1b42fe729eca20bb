"""The pages of forms by post: for whoever sends one, and for clerks."""
