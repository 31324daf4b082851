"""Selecting, listing, creating and deleting applications."""

from collections.abc import Iterator
from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.keys import KINDS_BY_CODE
from simulator.card.state import FREE_CREATION, PICC, Application
from simulator.card.status import Refused

_MAX_KEYS: Final = 14
_KEY_COUNT: Final = 0x0F
_KEY_KIND: Final = 0xC0
_ISO_FILES: Final = 0x20
_HEADER_BYTES: Final = 5
_ISO_ID_BYTES: Final = 2
_NAME_BYTES_MAX: Final = 16


def select_application(chip: Chip, cmd: int, data: bytes) -> Answer:
    """AID, 3 bytes. Ends the session; selecting two applications at once is not modelled."""
    if len(data) != 3:
        raise Refused(status.LENGTH_ERROR)
    if data not in chip.state.applications:
        raise Refused(status.APPLICATION_NOT_FOUND)
    chip.select(data)
    return Answer(status.OK)


def get_application_ids(chip: Chip, cmd: int, data: bytes) -> Answer:
    """All AIDs, 3 bytes each."""
    chip.need_card_level()
    chip.need_listing()
    chip.open_header(cmd, data, 0)
    return chip.reply(b"".join(aid for aid, _ in _applications(chip)))


def get_df_names(chip: Chip, cmd: int, data: bytes) -> Answer:
    """AID 3 | ISO identifier 2 | name of each application that has an ISO identifier; a frame for each."""
    chip.need_card_level()
    chip.need_listing()
    chip.open_header(cmd, data, 0)
    named = [(aid, app) for aid, app in _applications(chip) if app.iso_id is not None]
    entries = [aid + (app.iso_id or 0).to_bytes(2, "little") + app.df_name for aid, app in named]
    security = chip.reply(b"".join(entries), chain=False).data[len(b"".join(entries)) :]
    return _entry_by_entry(entries or [b""], security)


def _entry_by_entry(entries: list[bytes], security: bytes) -> Answer:
    if len(entries) == 1:
        return Answer(status.OK, entries[0] + security)

    def following(request: bytes) -> Answer:
        if request:
            raise Refused(status.LENGTH_ERROR)
        return _entry_by_entry(entries[1:], security)

    return Answer(status.MORE, entries[0], then=following)


def create_application(chip: Chip, cmd: int, data: bytes) -> Answer:
    """AID 3 | key settings | kind and count of keys [| ISO identifier 2 [| DF name of 1-16 bytes]].

    Of the second settings byte 20 gives files ISO identifiers; 10, the key sets of EV2, is not modelled.
    """
    chip.need_card_level()
    chip.need_master(FREE_CREATION)
    longest = _HEADER_BYTES + _ISO_ID_BYTES + _NAME_BYTES_MAX
    lengths = (_HEADER_BYTES, *range(_HEADER_BYTES + _ISO_ID_BYTES, longest + 1))
    secured = chip.security_bytes()
    if len(data) - secured not in lengths:
        raise Refused(status.LENGTH_ERROR)
    header = chip.open_header(cmd, data, len(data) - secured)
    aid, iso = header[:3], header[_HEADER_BYTES:]
    application = _application(chip, header, iso)
    if aid in chip.state.applications or any(_same_name(application, app) for _, app in _applications(chip)):
        raise Refused(status.DUPLICATE)
    limit = chip.state.model.applications_max
    full = limit is not None and len(chip.state.applications) > limit
    if full or application.size_bytes() > chip.state.free_bytes():
        raise Refused(status.OUT_OF_MEMORY)
    with chip.step("create application"):
        chip.state.applications[aid] = application
    return chip.reply()


def delete_application(chip: Chip, cmd: int, data: bytes) -> Answer:
    """AID 3. The card's master key may delete any; an application's own, itself, where the card allows it."""
    named = data[:3]
    if chip.aid != PICC and (chip.aid != named or not chip.state.applications[PICC].settings & FREE_CREATION):
        raise Refused(status.PERMISSION_DENIED)
    chip.need_proof()
    chip.open_header(cmd, data, 3)
    if named == PICC:
        raise Refused(status.PERMISSION_DENIED)
    if named not in chip.state.applications:
        raise Refused(status.APPLICATION_NOT_FOUND)
    with chip.step("delete application"):
        chip.state.lost_bytes += chip.state.applications.pop(named).size_bytes()
    if chip.aid != named:
        return chip.reply()
    chip.select(PICC)
    return Answer(status.OK)


def _application(chip: Chip, header: bytes, iso: bytes) -> Application:
    settings, key_byte = header[3], header[4]
    kind, count = KINDS_BY_CODE.get(key_byte & _KEY_KIND), key_byte & _KEY_COUNT
    known = _KEY_KIND | _KEY_COUNT | _ISO_FILES
    if kind is None or count > _MAX_KEYS or key_byte & ~known:
        raise Refused(status.PARAMETER_ERROR)
    keys = [chip.state.configuration.new_key(kind) for _ in range(count)]
    application = Application(settings, keys, iso_files=bool(key_byte & _ISO_FILES), keyless=kind)
    if iso:
        application.iso_id = int.from_bytes(iso[:2], "little")
        application.df_name = iso[2:]
    return application


def _same_name(one: Application, other: Application) -> bool:
    same_id = one.iso_id is not None and one.iso_id == other.iso_id
    return same_id or (bool(one.df_name) and one.df_name == other.df_name)


def _applications(chip: Chip) -> Iterator[tuple[bytes, Application]]:
    return ((aid, app) for aid, app in chip.state.applications.items() if aid != PICC)
