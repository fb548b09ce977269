"""What waits for the outside world: the evidence store. Refuses to run inside a transaction."""
