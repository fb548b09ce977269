"""The mapping language: a JSON file that says how a merchant's own data become order documents.

`values` are its expressions, `plans` makes documents, `rows` reads tables (CSV), `trees` nested JSON; see
docs/importing-orders.md.
"""
