"""A configuration that a later firmware left behind, or that the host tells it."""

from mp_settings import DOWN, Flash, config, prove

from kiosk.probation import PROVEN, TRIED
from protocol.wire import envelope, messages


def test_of_a_later_firmwares_configuration_it_takes_what_it_knows():
    flash, settings = Flash(), None
    for version, from_flash in ((3, False), (4, True)):
        body, _ = config(version, 700 + version, title="Lan Ting")
        body[99] = [1, b"of a later firmware"]
        message = envelope.seal(DOWN, messages.DOWN, "K1", (0, version), messages.CONFIG, body)
        if from_flash:  # the later firmware took it, and failed its trial
            flash.write_file(PROVEN, message)
        else:
            settings = flash.settings()
            settings.take(messages.CONFIG, body, message)
            assert settings.switch() and settings.config["price_fen"] == 703
            prove(settings)
        again = flash.settings()
        assert (again.config["price_fen"], again.config["title"]) == (700 + version, "Lan Ting")
        assert again.versions[messages.CONFIG] == version


def test_a_later_firmwares_mode_is_not_taken_for_a_fixed_price():
    body, later = config(4, 704, mode="raffle")
    flash = Flash()
    flash.write_file(PROVEN, later)
    assert flash.settings().config == {}, "nothing to go back to: the host tells it"
    flash.write_file(PROVEN, config(3, 703)[1])
    flash.write_file(TRIED, bytes(1) + later)
    again = flash.settings()
    assert again.config["price_fen"] == 703 and not again.trying
    assert again.take(messages.CONFIG, body, later)
    assert again.rejected == {"version": 4, "reason": "mode raffle is not known"}
    assert flash.settings().config["price_fen"] == 703
