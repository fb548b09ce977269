"""The reviewers' pages: what waits for a person, one case with everything about it, and the verbs."""
