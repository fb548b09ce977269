"""What every context may lean on: money, ids, time, errors. Plain Python; knows neither Django nor a merchant."""
