"""Listing files, and changing or deleting one."""

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.commands.create import check_rights
from simulator.card.messaging import CommMode
from simulator.card.rights import FREE, NEVER, Rights
from simulator.card.state import FREE_CREATION, whole_pages
from simulator.card.status import Refused


def get_file_ids(chip: Chip, cmd: int, data: bytes) -> Answer:
    """The numbers of all files, one byte each."""
    app = chip.need_application()
    chip.need_listing()
    chip.open_header(cmd, data, 0)
    return chip.reply(bytes(sorted(app.files)))


def get_iso_file_ids(chip: Chip, cmd: int, data: bytes) -> Answer:
    """The ISO identifiers of the files that have one, 2 bytes each LSB first."""
    app = chip.need_application()
    chip.need_listing()
    chip.open_header(cmd, data, 0)
    found = [file.iso_id for _, file in sorted(app.files.items())]
    return chip.reply(b"".join(iso_id.to_bytes(2, "little") for iso_id in found if iso_id is not None))


def get_file_settings(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File number; answers type, communication, rights and what the type adds."""
    _, file = chip.file(data)
    chip.need_listing()
    chip.open_header(cmd, data, 1)
    return chip.reply(file.settings())


def change_file_settings(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | comm | rights 2; encrypted, but in plain where everybody may change them."""
    _, file = chip.file(data)
    change = file.rights.change
    if change == NEVER:
        raise Refused(status.PERMISSION_DENIED)
    if change == FREE:
        body = chip.open_header(cmd, data, 4)[1:]
    else:
        chip.need_proof(change)
        _, body = chip.open(cmd, data, 1, CommMode.FULL, 3)
    rights = Rights.decode(body[1:])
    check_rights(chip, body[0], rights)
    with chip.step("change file settings"):
        file.comm_code, file.rights = body[0], rights
    return chip.reply()


def delete_file(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File number. Its memory comes back with FormatPICC only; a transaction in course forgets it."""
    file_no, file = chip.file(data)
    chip.need_master(FREE_CREATION)
    chip.open_header(cmd, data, 1)
    with chip.step("delete file"):
        chip.state.lost_bytes += whole_pages(file.size_bytes())
        del chip.app.files[file_no]
    chip.transaction.forget(file_no)
    return chip.reply()
