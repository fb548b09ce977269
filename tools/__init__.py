"""What builds and judges Recoup: the environment, the gate, the house rules. Never part of the product."""
