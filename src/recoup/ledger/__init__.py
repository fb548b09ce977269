"""Double-entry books: journals and postings that are written once and always balance."""
