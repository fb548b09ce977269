"""The operator's console: how the platform runs. It shows states and times, never names, goods or sums."""
