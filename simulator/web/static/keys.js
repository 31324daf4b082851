// The kiosk's keypad, and what the kiosk is for.

import { text, word } from "./texts.js";

const KEYS = "123C456B789D*0#E";
const MODES = ["fixed", "keypad", "list", "balance", "collect", "pass", "till"];
const TYPED = ["keypad", "list"];

export class Keys {
  constructor({ pad, mode, act }) {
    this.pad = pad;
    this.mode = mode;
    mode.addEventListener("change", () => act("mode", { mode: mode.value }));
    pad.append(
      ...[...KEYS].map((key) => {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.key = key;
        button.addEventListener("click", () => act("press", { key }));
        return button;
      }),
    );
  }

  /** In the language of now. */
  words() {
    this.pad.setAttribute("aria-label", text("keypad"));
    for (const button of this.pad.children) button.textContent = word("keys", button.dataset.key);
    this.mode.replaceChildren(
      ...MODES.map((mode) => {
        const option = document.createElement("option");
        option.value = mode;
        option.textContent = word("modes", mode);
        return option;
      }),
    );
  }

  draw(kiosk) {
    this.mode.value = kiosk.mode;
    this.pad.hidden = !TYPED.includes(kiosk.mode);
    for (const button of this.pad.children) button.disabled = !kiosk.powered;
  }
}
