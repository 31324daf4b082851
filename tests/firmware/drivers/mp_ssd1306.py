"""The mono display: what goes over its bus, in which window."""

from drivers.ssd1306 import ADDRESS, Ssd1306


class Bus:
    def __init__(self, there=True):
        self.there, self.sent = there, []

    def writeto(self, address, data):
        if not self.there:
            raise OSError(19)
        assert address == ADDRESS
        self.sent.append(bytes(data))

    def writevto(self, address, parts):
        self.writeto(address, b"".join([bytes(part) for part in parts]))


def test_it_is_blank_before_it_is_on():
    bus = Bus()
    Ssd1306(bus).start()
    assert bus.sent[0][:2] == b"\x00\xae" and bus.sent[-1] == b"\x00\xaf"
    pixels = b"".join([data[1:] for data in bus.sent if data[0] == 0x40])
    assert pixels == bytes(1024)


def test_rows_go_into_the_window_of_their_pages():
    bus = Bus()
    display = Ssd1306(bus)
    display.rows(8, 8, b"\x81" * 128)
    assert bus.sent == [b"\x00\x21\x00\x7f\x22\x01\x01", b"\x40" + b"\x81" * 128]
    del bus.sent[:]
    display.rows(16, 24, b"\x01" * 384)
    assert bus.sent == [b"\x00\x21\x00\x7f\x22\x02\x04", b"\x40" + b"\x01" * 384]


def test_one_that_is_not_there_is_an_error():
    try:
        Ssd1306(Bus(there=False)).start()
    except OSError:
        return
    raise AssertionError("nobody answered, and nobody cared")
