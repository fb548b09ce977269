"""What happened, to what, by whom and when: domain events, state changes written by triggers, and the seals on both."""
