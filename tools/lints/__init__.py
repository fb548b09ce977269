"""The house rules of STYLE as checks: `python -m tools.lints [FILE...]`.

Every rule says file, line, its name and what to do instead. Where a rule is wrong for one line, that line (or a comment
right above it) says so and why:

    total = weight / 2  # house: allow float-near-money because this is a weight in kilograms, not money

An allowance without a reason, or one that no longer allows anything, is a finding itself.
"""
