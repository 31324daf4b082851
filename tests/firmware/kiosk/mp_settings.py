"""Configuration and hotlist: only from our host, only newer, the old one stands when the new is bad."""

from disk import Disk

from kiosk.settings import FILES, Settings
from protocol.card import keys
from protocol.wire import envelope, messages, online, seal
from protocol.wire.mac import kiosk_keys

UID = b"1234567"
_, DOWN, SEAL = kiosk_keys(b"s" * 32)


class Flash(Disk):
    def settings(self):
        return Settings("K1", DOWN, SEAL, self)


def config(version, price_fen=2500, language="zh", key=DOWN, seal_key=SEAL):
    wrapped = [("debit", 2, seal.wrap(seal_key, b"e" * 16)), ("read", 1, seal.wrap(seal_key, b"r" * 16))]
    wrapped.append(("debit", 1, seal.wrap(seal_key, b"d" * 16)))
    body = messages.body(
        messages.CONFIG,
        nonce=b"12345678",
        version=version,
        price_fen=price_fen,
        language=language,
        verdict_wait_ms=300,
        offline_total_fen=100000,
        offline_card_fen=30000,
        offline_card_count=20,
        offline_max_age_h=96,
        role_keys=seal.role_keys(wrapped),
    )
    return body, envelope.seal(key, messages.DOWN, "K1", (0, version), messages.CONFIG, body)


def hotlist(version, uids):
    body = messages.body(messages.HOTLIST, nonce=b"12345678", version=version, uids=uids)
    return body, envelope.seal(DOWN, messages.DOWN, "K1", (0, 9), messages.HOTLIST, body)


def test_taken_settings_survive_a_restart():
    flash = Flash()
    settings = flash.settings()
    assert settings.config == {} and settings.language == "zh"
    assert settings.take(messages.CONFIG, *config(3, 1000, "en"))
    assert settings.take(messages.HOTLIST, *hotlist(2, [b"1234567", b"7654321"]))
    again = flash.settings()
    assert again.config["price_fen"] == 1000 and again.language == "en"
    assert again.read_masters.card_key(UID, 1) == keys.card_key(b"r" * 16, UID)
    assert again.debit_masters.newest == 2
    assert again.debit_masters.card_key(UID, 1) == keys.card_key(b"d" * 16, UID)
    assert again.hot == {b"1234567", b"7654321"}
    assert again.versions == {messages.CONFIG: 3, messages.HOTLIST: 2, online.WAITING: 0}


def test_what_waits_is_replaced_as_it_comes_and_a_restart_asks_anew():
    flash = Flash()
    settings = flash.settings()
    for version, marks in ((7, b"12345678"), (3, b"abcd")):  # the number went back: the host was restored
        body = messages.body(online.WAITING, nonce=b"12345678", version=version, marks=marks)
        assert settings.take(online.WAITING, body, b"")
        assert (settings.marks, settings.versions[online.WAITING]) == (marks, version)
    assert flash.files == {}
    again = flash.settings()
    assert (again.marks, again.versions[online.WAITING]) == (b"", 0)


def test_an_older_or_equal_version_changes_nothing():
    flash = Flash()
    settings = flash.settings()
    settings.take(messages.CONFIG, *config(3, 1000))
    before = dict(flash.files)
    assert not settings.take(messages.CONFIG, *config(3, 9900))
    assert not settings.take(messages.CONFIG, *config(2, 9900))
    assert settings.config["price_fen"] == 1000 and flash.files == before


def test_keys_that_were_wrapped_for_another_kiosk_leave_the_old_settings_in_force():
    flash = Flash()
    settings = flash.settings()
    settings.take(messages.CONFIG, *config(3, 1000))
    assert not settings.take(messages.CONFIG, *config(4, 9900, seal_key=b"x" * 16))
    assert settings.config["price_fen"] == 1000 and settings.debit_masters.newest == 2
    flash.files[FILES[messages.CONFIG]] = config(4, 9900, seal_key=b"x" * 16)[1]
    assert flash.settings().config == {} and flash.settings().debit_masters.newest == 0


def test_a_damaged_or_foreign_file_is_ignored_at_boot():
    flash = Flash()
    flash.settings().take(messages.CONFIG, *config(3, 1000))
    path = FILES[messages.CONFIG]
    good = flash.files[path]
    for bad in (
        b"",
        good[:-1],
        good[:20] + bytes([good[20] ^ 1]) + good[21:],
        config(4, 1, key=b"x" * 32)[1],
    ):
        flash.files[path] = bad
        assert flash.settings().config == {}
    flash.files[path] = hotlist(5, [])[1]  # authentic, but in the wrong file
    assert flash.settings().config == {}


def test_a_damaged_hotlist_is_lost_and_none_yet_is_not():
    flash = Flash()
    assert not flash.settings().list_lost
    flash.files[FILES[messages.HOTLIST]] = b""  # there, and not readable
    settings = flash.settings()
    assert settings.list_lost
    settings.take(messages.HOTLIST, *hotlist(1, []))
    assert not settings.list_lost and not flash.settings().list_lost


def test_a_language_the_texts_lack_falls_back():
    settings = Flash().settings()
    settings.take(messages.CONFIG, *config(1, language="fr"))
    assert settings.language == "zh"
