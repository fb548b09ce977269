"""The shopper's pages: choose a company, ask for a refund, follow a case."""
