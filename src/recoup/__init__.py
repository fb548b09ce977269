"""Recoup: the product. Each folder is a shop; `config` puts the house together."""
