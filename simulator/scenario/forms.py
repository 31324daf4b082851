"""What a line of a scenario may say. Each form is one step: lower-case words stand for themselves, a|b is a
choice, upper-case words are arguments, but for AS.

KIOSK+ and CARD+ declare a name, KIOSK and CARD use one that a line above declared. Money is in yuan.
"""

FORMS = (
    "programme plain",
    "kiosk KIOSK+ price MONEY",
    "kiosk KIOSK+ keypad|balance|collect|pass|till",
    "kiosk KIOSK+ list PRICES",
    "kiosk KIOSK+ mono price MONEY",
    "kiosk KIOSK+ mono keypad|balance|collect|pass|till",
    "card CARD+ purse|account|plain balance MONEY",
    "card CARD+ foreign",
    "tap CARD KIOSK",
    "tap CARD KIOSK amount MONEY",
    "press KIOSK KEYS",
    "pin CARD PIN",
    "place CARD KIOSK",
    "pull CARD KIOSK",
    "pull CARD KIOSK after auth|debit|commit-sent|commit-done",
    "network KIOSK cut|back",
    "network KIOSK slow MS",
    "network KIOSK lossy SHARE",
    "broker stop|start",
    "host kill|start",
    "power KIOSK cut|on",
    "power KIOSK cut at flash-op COUNT",
    "clock SHIFT",
    "topup CARD MONEY at desk",
    "topup CARD MONEY pending",
    "lost CARD",
    "replace CARD CARD+",
    "replace CARD CARD+ despite exposure",
    "void CARD",
    "hot CARD",
    "clone CARD AS CARD+",
    "replay KIOSK up COUNT",
    "replay KIOSK up COUNT reordered",
    "note CARD tier TIER",
    "note CARD birthday today",
    "pass CARD visits COUNT",
    "pass CARD minutes COUNT",
    "pass CARD days COUNT",
    "close CARD",
    "charge KIOSK MONEY",
    "charge KIOSK again|cancel",
    "line KIOSK TEXT",
    "settle",
    "expect screen KIOSK TEXT",
    "expect paid|refused|unknown|entered|left KIOSK",
    "expect movements KIOSK",
    "expect charge KIOSK waiting|card|paid|refused|unknown|cancelled|expired",
    "expect line KIOSK TEXT",
    "expect ledger CARD MONEY",
    "expect card CARD MONEY",
    "expect flagged CARD",
    "expect journal KIOSK NUMBER",
    "verify",
)

TIERS = (
    "普通",
    "银卡",
    "金卡",
    "白金卡",
    "铂金卡",
    "钻石卡",
    "至尊卡",
)  # the host's: a test holds them against it

# Forms of the language that this version cannot play; each is answered with its own sentence.
LATER = (
    r"programme \S+",
    r"card \S+ (purse|account|plain) balance \S+ (member|tier)\b.*",
    r"expect (points|tier) \S+ \S+",
)
