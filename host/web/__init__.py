"""The clerk's page: what host.api offers to programs, as plain pages for a person at a counter.

No rule stands here. What changes something is asked of the intake, as the API asks it; what is shown is read
from the books. forms.py says which fields an act's form has, texts/ every word in both languages.
"""
