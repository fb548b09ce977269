"""The vault: the only program that holds merchants' provider keys and the only one that moves money.

It listens on no socket. It claims payouts that the product has reserved, calls the rail, and writes down what the rail
said; the product decides what that means. It imports nothing of the product but the kernel.
"""
