"""Measures of the real programs: `bin/bench NAME`. Each starts a private house and leaves nothing behind."""
