"""Programs broken on purpose. They are started by proofs only; the product has no switch for any of this."""
