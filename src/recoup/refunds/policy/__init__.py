"""The decision: facts and a merchant's policy in, a verdict with reasons out. No database, no network, no clock.

Nouns: *facts* (what is known about one request), *policy* (a merchant's decision tables, by version and hash), *floors*
(what the law of the shopper's country gives at least), *verdict* (the answer, its money, its rule and its words).
"""
