"""The command handlers, one small family a module, and the table that finds them by instruction byte."""

from collections.abc import Callable
from functools import partial

from simulator.card.chip import Answer, Chip
from simulator.card.commands import (
    applications,
    authenticate,
    authenticate_older,
    configuration,
    create,
    data,
    keys,
    listing,
    picc,
    records,
    settle,
    value,
)
from simulator.card.files import BackupFile, CyclicFile, DataFile, LinearFile

Handler = Callable[[Chip, int, bytes], Answer]

HANDLERS: dict[int, Handler] = {
    0x60: picc.get_version,
    0x51: picc.get_card_uid,
    0x6E: picc.free_memory,
    0xFC: picc.format_picc,
    0x5C: configuration.set_configuration,
    0x5A: applications.select_application,
    0x6A: applications.get_application_ids,
    0x6D: applications.get_df_names,
    0xCA: applications.create_application,
    0xDA: applications.delete_application,
    0x0A: authenticate_older.legacy,
    0x1A: authenticate_older.iso,
    0xAA: authenticate_older.aes,
    0x71: authenticate.first,
    0x77: authenticate.non_first,
    0xC4: keys.change_key,
    0x64: keys.get_key_version,
    0x45: keys.get_key_settings,
    0x54: keys.change_key_settings,
    0x6F: listing.get_file_ids,
    0x61: listing.get_iso_file_ids,
    0xF5: listing.get_file_settings,
    0x5F: listing.change_file_settings,
    0xDF: listing.delete_file,
    0xCD: partial(create.data_file, DataFile),
    0xCB: partial(create.data_file, BackupFile),
    0xCC: create.value_file,
    0xC1: partial(create.record_file, LinearFile),
    0xC0: partial(create.record_file, CyclicFile),
    0xCE: create.transaction_mac_file,
    0xBD: data.read_data,
    0xAD: data.read_data,
    0x3D: data.write_data,
    0x8D: data.write_data,
    0x6C: value.get_value,
    0x0C: value.credit,
    0xDC: value.debit,
    0x1C: value.limited_credit,
    0xBB: records.read_records,
    0xAB: records.read_records,
    0x3B: records.write_record,
    0x8B: records.write_record,
    0xDB: records.update_record,
    0xEB: records.clear_record_file,
    0xC7: settle.commit_transaction,
    0xA7: settle.abort_transaction,
}
