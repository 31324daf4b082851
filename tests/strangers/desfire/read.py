"""desfire keeps money on a card, in plain: `read.py pcsc`."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent)]

import bus
import pcsc_card
from desfire.pcsc import PCSCDevice
from desfire.protocol import DESFire, DESFireCommunicationError

AID, PURSE, NOTES = 0x112233, 1, 2


def refused(what, *arguments):
    """The status with which the card refuses."""
    try:
        what(*arguments)
    except DESFireCommunicationError as error:
        return error.status_code
    return 0


def main():
    card = DESFire(PCSCDevice(pcsc_card.connection()))
    saw = {"applications_before": card.get_applications()}
    # It has no call for these two: an application with free rights, a file of 200 bytes.
    card.communicate(card.wrap_command(0xCA, [0x11, 0x22, 0x33, 0x0F, 0x01]), "create application")
    card.select_application(AID)
    card.communicate(card.wrap_command(0xCD, [NOTES, 0, 0xEE, 0xEE, 200, 0, 0]), "create file")
    card.create_value_file(PURSE, 0x00, 0xEEEE, 0, 1000, 500, 0)
    card.credit_value(PURSE, 300)
    saw["before_commit"] = card.get_value(PURSE)
    card.commit()
    card.debit_value(PURSE, 50)
    card.commit()
    saw["value"] = card.get_value(PURSE)
    saw["too_much"] = refused(card.debit_value, PURSE, 751)
    saw["nothing_to_commit"] = refused(card.commit)
    text = [number % 251 for number in range(200)]
    card.write_data_file(NOTES, text)
    saw["read_back"] = card.read_data_file(NOTES) == text
    saw["files"] = card.get_file_ids()
    card.delete_file(NOTES)
    saw["files_after"] = card.get_file_ids()
    card.select_application(0)
    saw["applications"] = card.get_applications()
    bus.done(saw)


main()
