"""The house that starts: every test here starts real processes, with tiny programs in place of the real ones."""
