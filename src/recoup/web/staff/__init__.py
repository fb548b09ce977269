"""Signing in and out, for people who work for a company."""
