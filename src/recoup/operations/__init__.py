"""Looking after Recoup itself: which programs live, what waits or was put aside, and what operators did about it.

Nothing here knows a shopper, an order or an amount.
"""
