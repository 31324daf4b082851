"""DESFire's status words by name, with a sentence for whoever reads what a card refused.

Source: MIFARE DESFire Light data sheet (public), table of status codes. A status carries no MAC: it says what
the card, or whoever answered for it, made of the command, and decides nothing.
"""

OK, NO_CHANGES, OUT_OF_MEMORY, ILLEGAL_COMMAND, INTEGRITY_ERROR = 0x00, 0x0C, 0x0E, 0x1C, 0x1E
NO_SUCH_KEY, LENGTH_ERROR, PERMISSION_DENIED, PARAMETER_ERROR = 0x40, 0x7E, 0x9D, 0x9E
APPLICATION_NOT_FOUND, APPLICATION_BROKEN, AUTHENTICATION_DELAY, AUTHENTICATION_ERROR = 0xA0, 0xA1, 0xAD, 0xAE
MORE, BOUNDARY_ERROR, CARD_BROKEN, COMMAND_ABORTED, CARD_DISABLED = 0xAF, 0xBE, 0xC1, 0xCA, 0xCD
TOO_MANY, DUPLICATE, MEMORY_ERROR, FILE_NOT_FOUND, FILE_BROKEN = 0xCE, 0xDE, 0xEE, 0xF0, 0xF1

SENTENCES = {
    OK: "the command was carried out",
    NO_CHANGES: "there is nothing to commit",
    OUT_OF_MEMORY: "the card has no memory left",
    ILLEGAL_COMMAND: "the card does not know this command: is it an EV2 or EV3 card?",
    INTEGRITY_ERROR: "MAC, checksum or padding of the command is wrong",
    NO_SUCH_KEY: "the card has no key of this number",
    LENGTH_ERROR: "the command is too long or too short",
    PERMISSION_DENIED: "the card's settings do not allow this command here",
    PARAMETER_ERROR: "a parameter of the command is out of range",
    APPLICATION_NOT_FOUND: "the card has no such application",
    APPLICATION_BROKEN: "the application on the card is damaged and cannot be used",
    AUTHENTICATION_DELAY: "the card waits after wrong keys: leave it on the reader for a minute",
    AUTHENTICATION_ERROR: "the card wants another key for this",
    MORE: "the card has more to say",
    BOUNDARY_ERROR: "the card would go beyond a limit: of the value, of a file, or of what may be given back",
    CARD_BROKEN: "the card is damaged and cannot be used",
    COMMAND_ABORTED: "a command came before the one before it was finished",
    CARD_DISABLED: "the card has put itself out of use",
    TOO_MANY: "the card holds as many applications as it can",
    DUPLICATE: "the card has an application or a file of this number already",
    MEMORY_ERROR: "the card's memory failed; what was not committed is undone",
    FILE_NOT_FOUND: "the card has no file of this number",
    FILE_BROKEN: "the file on the card is damaged and cannot be used",
}


def sentence(status: int) -> str:
    """What a status means, without a full stop; of one that nobody knows, its number."""
    return SENTENCES.get(status) or "the card answered with status %02X" % status
