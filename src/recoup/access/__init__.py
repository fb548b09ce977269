"""Who may pass: tenancy by row-level security, API keys, idempotency."""
