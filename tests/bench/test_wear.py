from tests.bench import wear


def test_a_ring_wears_the_flash_least_and_lasts() -> None:
    found = {figure.name: figure for figure in wear.measure(sales=400)}
    erases = {
        name.removesuffix(", erases a sale"): one.value for name, one in found.items() if "erases" in name
    }
    others = [value for name, value in erases.items() if not name.startswith("ring")]
    assert set(erases) == {"ring, online", "ring, offline", "one file a sale", "one file that grows"}
    assert max(erases["ring, online"], erases["ring, offline"]) < min(others)
    assert all(one.ok for one in found.values())
