"""Configuration and hotlist: only from our host, only newer, the old one stands when the new is bad."""

from disk import Disk

from kiosk.probation import PROVEN, STARTS, TRIED
from kiosk.settings import HOTLIST, TRIAL_MS, Settings
from protocol.card import keys
from protocol.card.masters import Masters
from protocol.wire import envelope, messages, online, seal
from protocol.wire.mac import kiosk_keys

UID = b"1234567"
_, DOWN, SEAL = kiosk_keys(b"s" * 32)


class Flash(Disk):
    def settings(self, fell=True):
        return Settings("K1", DOWN, SEAL, self, fell)


def config(version, price_fen=2500, language="zh", key=DOWN, seal_key=SEAL, debit=True, **more):
    wrapped = [("read", 1, seal.wrap(seal_key, b"r" * 16))]
    if debit:
        wrapped.append(("debit", 2, seal.wrap(seal_key, b"e" * 16)))
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
        **more,
    )
    return body, envelope.seal(key, messages.DOWN, "K1", (0, version), messages.CONFIG, body)


def given(settings, *told, **more):
    """The host tells a configuration, and nobody is served just then."""
    told = settings.take(messages.CONFIG, *config(*told, **more))
    switched = settings.switch()
    assert told == (settings.rejected is not None and not switched) or not told
    return switched


def prove(settings):
    """The host is heard for longer than a trial takes."""
    settings.heard(2**30 - 5)
    settings.heard(TRIAL_MS - 5)
    assert settings.trying
    settings.heard(TRIAL_MS - 4)


def hotlist(version, uids):
    body = messages.body(messages.HOTLIST, nonce=b"12345678", version=version, uids=uids)
    return body, envelope.seal(DOWN, messages.DOWN, "K1", (0, 9), messages.HOTLIST, body)


def test_taken_settings_survive_a_restart():
    flash = Flash()
    settings = flash.settings()
    assert settings.config == {} and settings.language == "zh"
    given(settings, 3, 1000, "en")
    assert settings.take(messages.HOTLIST, *hotlist(2, [b"1234567", b"7654321"]))
    again = flash.settings()
    assert again.config["price_fen"] == 1000 and again.language == "en"
    assert Masters(again.masters["read"]).card_key(UID, 1) == keys.card_key(b"r" * 16, UID)
    assert Masters(again.masters["debit"]).newest == 2
    assert Masters(again.masters["debit"]).card_key(UID, 1) == keys.card_key(b"d" * 16, UID)
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
    given(settings, 3, 1000)
    before = dict(flash.files)
    assert not settings.take(messages.CONFIG, *config(3, 9900))
    assert not settings.take(messages.CONFIG, *config(2, 9900))
    assert settings.config["price_fen"] == 1000 and flash.files == before


def test_keys_that_were_wrapped_for_another_kiosk_leave_the_old_settings_in_force():
    flash = Flash()
    settings = flash.settings()
    given(settings, 3, 1000)
    given(settings, 4, 9900, seal_key=b"x" * 16)
    assert settings.config["price_fen"] == 1000 and max(settings.masters["debit"]) == 2
    assert settings.rejected == {"version": 4, "reason": "role keys of another kiosk"}
    flash.files = {PROVEN: config(4, 9900, seal_key=b"x" * 16)[1]}
    assert flash.settings().config == {} and flash.settings().masters == {}


def test_a_damaged_or_foreign_file_is_ignored_at_boot():
    flash = Flash()
    settings = flash.settings()
    given(settings, 3, 1000)
    prove(settings)
    path = PROVEN
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
    flash.files[HOTLIST] = b""  # there, and not readable
    settings = flash.settings()
    assert settings.list_lost
    settings.take(messages.HOTLIST, *hotlist(1, []))
    assert not settings.list_lost and not flash.settings().list_lost


def test_a_language_the_texts_lack_falls_back():
    settings = Flash().settings()
    given(settings, 1, language="fr")
    assert settings.language == "zh"


def test_a_configuration_is_durable_at_once_and_in_force_when_nobody_is_served():
    flash = Flash()
    settings = flash.settings()
    given(settings, 3, 1000)
    assert not settings.take(messages.CONFIG, *config(4, 2000))
    assert settings.config["price_fen"] == 1000 and settings.held()["config"] == 3
    assert not settings.take(messages.CONFIG, *config(4, 2001)), "known"
    assert not settings.take(messages.CONFIG, *config(5, 3000)), "before it came to that"
    assert flash.settings().config["price_fen"] == 3000
    settings.switch()
    assert settings.config["price_fen"] == 3000 and settings.held()["config"] == 5 and settings.next is None


def test_what_is_absent_is_usual_whatever_it_was_before():
    settings = Flash().settings()
    given(settings, 1, mode="list", prices=[["x", 1]], title="Lan", quiet=[1320, 480])
    assert settings.config["mode"] == "list" and settings.config["prices"] == [["x", 1]]
    given(settings, 2)
    assert settings.config["mode"] == "fixed" and settings.config["prices"] == []
    assert settings.config["title"] == "" and settings.config["max_fen"] == 500000


def test_what_would_leave_nothing_to_sell_is_rejected_and_the_old_one_stays():
    flash = Flash()
    settings = flash.settings()
    given(settings, 3, 1000)
    for bad, why in (
        ({"mode": "list"}, "mode list has no prices"),
        ({"mode": "lottery"}, "mode lottery is not known"),
        ({"glyphs": b"TLF1"}, "glyphs are no font"),
        ({"debit": False}, "no debit key"),
        ({"debit": False, "mode": "till"}, "no debit key"),
    ):
        before = dict(flash.files)
        settings.rejected = None
        given(settings, 4, **bad)
        assert settings.rejected == {"version": 4, "reason": why} and settings.held()["config"] == 3
        assert flash.files == before, "a restart finds no trace of it"
    settings.rejected = None
    given(settings, 5, debit=False)
    given(settings, 5, 2000)
    assert settings.held()["config"] == 3, "what it rejected it does not take again"
    given(settings, 6, 2000)
    assert settings.held()["config"] == 6 and settings.rejected is None


def test_a_configuration_that_is_proven_stays():
    flash = Flash()
    settings = flash.settings()
    given(settings, 3, 1000)
    assert settings.trying
    prove(settings)
    assert not settings.trying and TRIED not in flash.files
    for _ in range(STARTS + 2):
        again = flash.settings()
        assert again.config["price_fen"] == 1000 and not again.trying


def test_the_next_one_is_not_proven_by_the_one_in_force():
    """As where a card lies on the reader for long, and nothing can be switched to."""
    flash = Flash()
    settings = flash.settings()
    given(settings, 3, 1000)
    prove(settings)
    given(settings, 4, 2000)
    settings.heard(0)
    settings.take(messages.CONFIG, *config(5, 3000))
    settings.heard(TRIAL_MS + 1)
    assert settings.held()["config"] == 4 and settings.trying
    for _ in range(STARTS):
        assert flash.settings().held()["config"] == 5
    assert flash.settings().held()["config"] == 3, "it fell"


def test_three_starts_without_a_word_of_the_host_and_the_old_one_is_in_force_again():
    flash = Flash()
    settings = flash.settings()
    given(settings, 3, 1000)
    prove(settings)
    given(settings, 4, 2000)
    for _ in range(STARTS):
        again = flash.settings()
        assert again.config["price_fen"] == 2000 and again.trying and again.rejected is None
    for _ in range(STARTS + 2):
        again = flash.settings()
        assert again.config["price_fen"] == 1000 and not again.trying
        assert again.rejected == {"version": 4, "reason": "restarts"}
    given(again, 4, 2000)
    assert again.held()["config"] == 3 and flash.settings().rejected == {"version": 4, "reason": "restarts"}
    given(again, 5, 3000)
    prove(again)
    assert flash.settings().rejected is None and flash.settings().held()["config"] == 5


def test_starts_after_a_power_cut_are_not_counted():
    flash = Flash()
    given(flash.settings(), 1)
    for _ in range(STARTS + 2):
        assert flash.settings(fell=False).held()["config"] == 1
    for _ in range(STARTS):
        assert flash.settings().trying
        assert flash.settings(fell=False).trying
    assert flash.settings().config == {}


def test_the_first_one_has_none_to_go_back_to_and_is_asked_for_again():
    """As of a kiosk that is set up where somebody pulls the plug a few times."""
    flash = Flash()
    given(flash.settings(), 1)
    for _ in range(STARTS + 1):
        last = flash.settings()
    assert last.config == {} and last.rejected is None and last.held()["config"] == 0
    given(last, 1)
    assert last.held()["config"] == 1 == flash.settings().held()["config"]


def test_a_cut_between_the_two_files_of_a_proof_changes_nothing():
    flash = Flash()
    settings = flash.settings()
    given(settings, 3, 1000)
    flash.files[PROVEN] = flash.files[TRIED][1:]
    again = flash.settings()
    assert again.held()["config"] == 3 and not again.trying and TRIED not in flash.files


def test_a_full_flash_leaves_the_proven_one_in_force():
    flash = Flash()
    settings = flash.settings()
    given(settings, 3, 1000)
    prove(settings)
    flash.full = True
    given(settings, 4, 2000)
    assert settings.held()["config"] == 3 and settings.rejected is None, "the host tells it again"
    flash.full = False
    given(settings, 4, 2000)
    flash.full = True
    prove(settings)
    assert settings.trying, "tried again by and by"
    assert flash.settings().held()["config"] == 3, "starts that cannot be counted would never end"
    flash.full = False
    assert flash.settings().held()["config"] == 4


def test_a_damaged_trial_is_forgotten():
    flash = Flash()
    settings = flash.settings()
    given(settings, 3, 1000)
    prove(settings)
    given(settings, 4, 2000)
    good = flash.files[TRIED]
    for bad in (b"", b"\x00", good[:-1], good[:9] + b"?" + good[10:], b"\x00" + hotlist(5, [])[1]):
        flash.files[TRIED] = bad
        assert flash.settings().held()["config"] == 3 and flash.settings().rejected is None
