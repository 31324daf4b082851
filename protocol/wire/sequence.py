"""Sets of acknowledged counters as watermark + ranges, so that one missing number blocks nothing."""


def holds(upto: int, ranges: list[list[int]], counter: int) -> bool:
    """Is this counter acknowledged?"""
    if counter <= upto:
        return True
    for first, last in ranges:
        if first <= counter <= last:
            return True
    return False
