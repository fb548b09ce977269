"""What comes back, how often and why: read models of its own, fed by events, and the questions asked of them."""
