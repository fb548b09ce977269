"""What others tell us: verified, stored raw, acknowledged, acted upon later."""
