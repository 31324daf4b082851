"""What a clerk does at a counter. No rule of money stands here: the ledger and the cards have them.

words.py names every act, its fields and its right; each act is a function, run by acts.py once for the key
that the client gave it.
"""
