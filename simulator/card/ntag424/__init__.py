"""A virtual NTAG 424 DNA: one application, five AES keys, three files, a message that it signs itself.

Written from NXP's public data sheet NT4H2421Gx 3.0 and AN12196. Left out: LRP, random UID, SetConfiguration,
the limit of failed authentications, and the originality signature (Read_Sig), which only NXP can make.
"""

from simulator.card.ntag424.card import Ntag424Card

__all__ = ["Ntag424Card"]
