"""python-desfire takes a blank card through its life: `read.py uart PATH | pcsc`.

The factory's DES key, an AES key for the card, an application with two keys, an encrypted file, format.
"""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent)]

import bus
from desfire import DESFire, DESFireKey
from desfire.enums import DESFireCommunicationMode, DESFireFileType, DESFireKeySettings, DESFireKeyType
from desfire.schemas import FilePermissions, FileSettings, KeySettings

AES = KeySettings(key_type=DESFireKeyType.DF_KEY_AES)
DES = KeySettings(key_type=DESFireKeyType.DF_KEY_2K3DES)
CARD, MASTER, OTHER = bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48))
AID = 0x112233
APPLICATION = KeySettings(
    key_type=DESFireKeyType.DF_KEY_AES,
    settings=[
        DESFireKeySettings.KS_ALLOW_CHANGE_MK,
        DESFireKeySettings.KS_LISTING_WITHOUT_MK,
        DESFireKeySettings.KS_CONFIGURATION_CHANGEABLE,
    ],
)
TEXT = list(b"What a stranger wrote on the card.")


def device_of(words):
    if words[0] == "uart":
        from desfire.devices.pn532 import PN532UARTDevice

        # Each answer is read until this time is up.
        device = PN532UARTDevice(words[1], baudrate=115200, timeout=0.05)
        assert device.wait_for_card() is not None
        return device
    import pcsc_card
    from desfire.devices.pcsc import PCSCDevice

    return PCSCDevice(pcsc_card.connection())


def key(settings, value):
    """A new object each time, as authentication makes the session key of it."""
    return DESFireKey(settings, value)


def as_master(card):
    card.select_application(AID)
    card.authenticate(0, key(AES, MASTER))


def personalise(card):
    """The card's key becomes AES, and an application gets keys of its own."""
    card.authenticate(0, key(DES, bytes(8)))
    card.change_key(0, key(DES, bytes(8)), key(AES, CARD), new_key_version=7)
    card.authenticate(0, key(AES, CARD))
    card.create_application(AID, APPLICATION, 2)
    card.select_application(AID)
    card.authenticate(0, key(AES, bytes(16)))
    card.change_key(1, key(AES, bytes(16)), key(AES, OTHER), new_key_version=9)
    card.change_key(0, key(AES, bytes(16)), key(AES, MASTER), new_key_version=8)


def use_file(card, number, mode):
    """Writes what the library can write: under MAC it sends the wrong half of the CMAC."""
    rights = FilePermissions(read_key=1, write_key=1, read_write_key=1, change_key=0)
    settings = FileSettings(mode, DESFireFileType.MDFT_STANDARD_DATA_FILE, rights, 64)
    as_master(card)
    card.create_standard_file(number, settings)
    card.authenticate(1, key(AES, OTHER))
    if mode is not DESFireCommunicationMode.CMAC:
        card.write_file_data(number, 3, mode, TEXT)
    return bytes(card.read_file_data(number, card.get_file_settings(number))).hex()


def restore(card):
    card.select_application(0)
    card.last_selected_application = None  # it knows the card level by this name only
    card.authenticate(0, key(AES, CARD))
    applications = [bytes(aid).hex() for aid in card.get_application_ids()]
    card.delete_application(AID)
    card.format_card()
    return applications


def main(words):
    card = DESFire(device_of(words))
    saw = {"version_uid": bytes(card.get_card_version().uid).hex()}
    saw["keys_of_a_blank"] = card.get_key_setting().key_type.name
    personalise(card)
    as_master(card)
    saw["uid"] = bytes(card.get_real_uid()).hex()
    saw["versions"] = [card.get_key_version(number) for number in (0, 1)]
    saw["full"] = use_file(card, 1, DESFireCommunicationMode.ENCRYPTED)
    saw["mac"] = use_file(card, 2, DESFireCommunicationMode.CMAC)
    saw["files"] = card.get_file_ids()
    saw["applications"] = restore(card)
    bus.done(saw)


main(sys.argv[1:])
