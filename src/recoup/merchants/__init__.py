"""Companies: who they are, how their orders are read, and the versions of their refund policy."""
