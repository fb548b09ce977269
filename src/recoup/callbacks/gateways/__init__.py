"""What goes out to companies' servers. Refuses to run inside a transaction."""
