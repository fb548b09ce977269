"""Puts the house together: settings, programs, command line, and what starts and watches them all."""
