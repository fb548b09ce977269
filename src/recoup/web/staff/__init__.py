"""Pages for people who work for a company."""
