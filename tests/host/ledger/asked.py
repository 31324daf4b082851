"""What is asked of the ledger and of its model: fair and foul."""

from hypothesis import strategies as st

# name: (kind, unit). Of cards: "card 0" and its bonus are opened by what happens to them.
ACCOUNTS = {
    "cash": ("cash", "CNY"),
    "bank": ("bank", "CNY"),
    "purse of 1": ("account", "CNY"),
    "purse of 2": ("account", "CNY"),
    "refunds": ("refunds", "CNY"),
    "visits": ("suspense", "visits"),
    "points": ("points", "points"),
    "points 2": ("points", "points"),
    "points, vouchers": ("points", "vouchers"),
}
CNY = [name for name, (_, unit) in ACCOUNTS.items() if unit == "CNY"]
POINTS = [name for name in ACCOUNTS if name.startswith("points")]
KNOWN, STRANGER = 0, 1  # cards

accounts = st.sampled_from([*CNY, *CNY, "visits", "points", "nobody"])
odd = st.sampled_from([0, -1, 2**53, 2**53 - 1, True, 2.0])
amounts = st.one_of(st.integers(1, 300), st.integers(1, 300), st.integers(1, 300), odd)
transfers = st.lists(st.tuples(accounts, accounts, amounts), min_size=0, max_size=4)
fair = st.lists(
    st.tuples(st.sampled_from(CNY), st.sampled_from(CNY), st.integers(1, 300)), min_size=1, max_size=4
)
references = st.one_of(st.none(), st.integers(1, 3))
cards = st.sampled_from([KNOWN, KNOWN, STRANGER])
counters = st.integers(1, 12)


class Abandoned(Exception):
    """Raised inside a unit of work, to take it back."""
