"""What notifications hand to the outside world."""
