"""What waits for the merchants' own systems. Refuses to run inside a transaction."""
