"""Which function does which act."""

from typing import Any

from host.desk import (
    acts,
    approvals,
    doubt,
    drawer,
    looking,
    loss,
    passes,
    privileges,
    refund,
    replacement,
    sale_back,
    stays,
    topup,
    words,
)
from host.desk.acts import Counter, Doing
from host.operators import Operator

DOING: dict[str, Doing] = {
    "open-drawer": drawer.open_drawer,
    "count-drawer": drawer.count_drawer,
    "close-drawer": drawer.close_drawer,
    "move-cash": drawer.move_cash,
    "issue": topup.issue,
    "top-up": topup.top_up,
    "collect": topup.collect,
    "cancel-top-up": topup.cancel,
    "look": looking.look,
    "note": privileges.note,
    "pass": passes.grant,
    "cancel-pass": passes.cancel,
    "close-stay": stays.close,
    "lost": loss.lost,
    "replace": replacement.replace,
    "refund": refund.refund,
    "refund-sale": sale_back.refund_sale,
    "void": loss.void,
    "hot": loss.hot,
    "unlist": loss.unlist,
    "settle-suspect": doubt.settle,
    "settle-sale": doubt.settle_sale,
    "approve": approvals.approve,
}


def do(
    counter: Counter, operator: Operator, name: str, key: object, content: dict[str, Any]
) -> dict[str, Any]:
    """The answer of one act, see acts.run; the caller has looked whether the operator may."""
    return acts.run(counter, operator, name, key, words.read(name, content), DOING[name])
