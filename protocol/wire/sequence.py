"""Sets of acknowledged counters as watermark + ranges, so that one missing number blocks nothing."""


def compact(counters: list[int], upto: int) -> tuple[int, list[list[int]]]:
    """Sorted counters above the watermark `upto` -> (new watermark, [[first, last], ...])."""
    ranges: list[list[int]] = []
    for n in counters:
        if n <= upto:
            continue
        if n == upto + 1 and not ranges:
            upto = n
        elif ranges and ranges[-1][1] + 1 == n:
            ranges[-1][1] = n
        elif not ranges or n > ranges[-1][1]:
            ranges.append([n, n])
    return upto, ranges


def holds(upto: int, ranges: list[list[int]], counter: int) -> bool:
    """Is this counter acknowledged?"""
    if counter <= upto:
        return True
    for first, last in ranges:
        if first <= counter <= last:
            return True
    return False


def count(upto: int, ranges: list[list[int]]) -> int:
    """How many counters are acknowledged."""
    return upto + sum([last - first + 1 for first, last in ranges])
