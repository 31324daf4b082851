"""Sets of acknowledged counters as watermark + ranges, so that one missing number blocks nothing."""


def compact(pairs: list[list[int]], upto: int) -> tuple[int, list[list[int]]]:
    """[[first, last], ...] rising by first, which may touch or overlap, above or below the watermark `upto`
    -> (new watermark, the same numbers in the fewest ranges)."""
    ranges: list[list[int]] = []
    for first, last in pairs:
        if ranges and first <= ranges[-1][1] + 1:
            ranges[-1][1] = max(ranges[-1][1], last)
        elif not ranges and first <= upto + 1:
            upto = max(upto, last)
        else:
            ranges.append([first, last])
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
