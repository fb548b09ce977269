"""Messages to people: what we said, to whom, and that we said it once."""
