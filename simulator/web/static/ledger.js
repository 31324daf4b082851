// The ledger's lines, newest on top.

import { current, text, word, yuan } from "./texts.js";

const KEPT = 200;
// The host counts credits above zero; what the house holds is shown as people count it.
const HELD = new Set(["cash"]);

export class Ledger {
  constructor({ body, empty, names }) {
    Object.assign(this, { body, empty, names });
    this.lines = [];
  }

  add(lines) {
    const last = this.lines.length ? this.lines[0].id : 0;
    const fresh = lines.filter((line) => line.id > last);
    const first = this.lines.length === 0;
    this.lines = [...fresh.toReversed(), ...this.lines].slice(0, KEPT);
    for (const line of fresh) this.body.prepend(this.row(line, !first));
    while (this.body.rows.length > KEPT) this.body.lastChild.remove();
    this.empty.hidden = this.lines.length > 0;
  }

  redraw() {
    this.body.replaceChildren(...this.lines.map((line) => this.row(line, false)));
  }

  row(line, fresh) {
    const row = document.createElement("tr");
    const at = new Date(line.at * 1000);
    const cell = (content, name = "") => {
      const made = row.insertCell();
      made.textContent = content;
      made.className = name;
    };
    cell(at.toLocaleTimeString("en-GB"), "time");
    cell(line.what[current()], "what");
    cell(this.account(line), "account");
    const sign = HELD.has(line.account) ? -1 : 1;
    cell(yuan(sign * line.amount_fen), sign * line.amount_fen < 0 ? "sum minus" : "sum");
    cell(yuan(sign * line.balance_after_fen), "sum after");
    row.classList.toggle("fresh", fresh);
    return row;
  }

  account(line) {
    const kind = word("accounts", line.account);
    if (line.account === "card") {
      const name = this.names.get((line.card ?? "").toLowerCase());
      return `${kind} ${name ? word("names", name) : `…${(line.card ?? "").slice(-4)}`}`;
    }
    return line.account === "sales" && line.kiosk ? `${kind} ${line.kiosk}` : kind;
  }
}
