"""The keypad: each press counts once, however the contact bounces; what a matrix cannot tell counts for
nothing.
"""

from drivers.keypad import KEYS, Keypad


class Matrix:
    """Switches between row and column pins; `down` holds the keys that are pressed, `told` those that
    counted.
    """

    def __init__(self, columns=4):
        self.down, self.told = set(), ""
        self.levels = [1, 1, 1, 1]
        rows = [Row(self, at) for at in range(4)]
        self.pad = Keypad(rows, [Column(self, at) for at in range(columns)])

    def look(self, *keys):
        self.down = set(keys)
        self.told += self.pad.scan()

    def press(self, key):
        for keys in (key, key, "", ""):
            self.look(*keys)


class Row:
    def __init__(self, matrix, at):
        self.matrix, self.at = matrix, at

    def value(self, level):
        self.matrix.levels[self.at] = level


class Column:
    def __init__(self, matrix, at):
        self.matrix, self.at = matrix, at

    def value(self):
        down = [divmod(KEYS.index(key), 4) for key in self.matrix.down]
        low = [row for row, level in enumerate(self.matrix.levels) if not level]
        # through three pressed keys a low row reaches the fourth corner: the ghost of a matrix without diodes
        for _ in range(4):
            columns = {column for row, column in down if row in low}
            low += [row for row, column in down if column in columns and row not in low]
        return 0 if self.at in {column for row, column in down if row in low} else 1


def test_every_key_is_told_once():
    matrix = Matrix()
    for key in KEYS:
        matrix.press(key)
    assert matrix.told == KEYS and len(set(KEYS)) == 16
    narrow = Matrix(3)
    for key in "123456789*0#":
        narrow.press(key)
    assert narrow.told == "123456789*0#"


def test_a_contact_that_bounces_counts_once_and_a_spike_not_at_all():
    matrix = Matrix()
    for keys in ("5", "", "5", "", "5", "5", "", "5", "5", "5", "", "5", "", "", "", "7", "", ""):
        matrix.look(*keys)
    assert matrix.told == "5"


def test_a_key_held_is_one_key_and_the_same_key_again_is_two():
    matrix = Matrix()
    for _ in range(100):
        matrix.look("8")
    assert matrix.told == "8"
    matrix.look()
    matrix.look()
    matrix.press("8")
    assert matrix.told == "88"


def test_two_keys_at_once_are_none_and_a_second_one_waits_for_the_first_to_go():
    matrix = Matrix()
    for _ in range(4):
        matrix.look("1", "5")
    for _ in range(4):
        matrix.look("1", "2", "4")  # 5 seems to be down too
    assert matrix.told == ""
    matrix.look()
    matrix.look()
    for keys in ("1", "1", "12", "12", "2", "2", "", "", "2", "2"):
        matrix.look(*keys)
    assert matrix.told == "12"


def test_at_rest_all_rows_are_low_so_that_one_look_at_the_columns_is_enough():
    matrix = Matrix()
    assert matrix.levels == [0, 0, 0, 0]
    matrix.press("E")
    assert matrix.levels == [0, 0, 0, 0]
