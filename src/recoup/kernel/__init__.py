"""Money, ids, time, errors: plain Python that knows neither Django nor a merchant."""
