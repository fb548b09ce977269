"""What we tell companies' servers: webhooks out, signed, in order, and tried again (Standard Webhooks)."""
