"""The living style page: every template with example data, in demo mode only, so that people can look at them."""
