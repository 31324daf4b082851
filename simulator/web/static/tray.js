// Cards: drawn from the state, moved by mouse, finger or keyboard.
// A card is a button: Enter, Space and a click put it on the kiosk and take it off again; dragging does the same.

import { text, word, yuan } from "./texts.js";

const DRAG_PX = 6;

export class Tray {
  /** `act(action, body)` asks the simulator; `kiosk` is where a card may be dropped. */
  constructor({ tray, pad, kiosk, act }) {
    Object.assign(this, { tray, pad, kiosk, act });
    this.items = new Map();
    this.held = null;
  }

  draw(cards) {
    this.cards = new Map(cards.map((card) => [card.name, card]));
    let before = null; // each card has its place in the tray, whatever was taken out meanwhile
    for (const card of cards.toReversed()) {
      const item = this.items.get(card.name) ?? this.make(card);
      this.fill(item, card);
      this.put(item, card.on_kiosk ? this.pad : this.tray, card.on_kiosk ? null : before);
      if (!card.on_kiosk) before = item;
    }
  }

  make(card) {
    const item = document.createElement("li");
    item.innerHTML = `<button type="button" class="card"><span class="name"></span><span class="badge"></span>
      <span class="kind"></span><span class="value"></span><span class="uid"></span></button>`;
    const button = item.firstChild;
    button.dataset.kind = card.kind;
    button.addEventListener("click", () => this.clicked(card.name));
    button.addEventListener("pointerdown", (event) => this.grab(event, button, card.name));
    button.addEventListener("pointermove", (event) => this.drag(event));
    button.addEventListener("pointerup", (event) => this.drop(event));
    button.addEventListener("pointercancel", () => this.letGo());
    this.items.set(card.name, item);
    return item;
  }

  fill(item, card) {
    const button = item.firstChild;
    const name = word("names", card.name);
    const set = (part, value) => {
      const place = button.querySelector(`.${part}`);
      if (place.textContent !== value) place.textContent = value;
    };
    const badge = card.state in { active: 1, foreign: 1 } ? "" : word("states", card.state);
    set("name", name);
    set("kind", text(card.kind));
    set("badge", badge);
    set("value", card.value_fen === null ? text("noPurse") : yuan(card.value_fen));
    set("uid", `…${card.uid.slice(-4).toUpperCase()}`);
    button.dataset.state = card.state;
    button.setAttribute("aria-pressed", String(card.on_kiosk));
    button.title = text(card.on_kiosk ? "take" : "place", { name });
  }

  put(item, place, before) {
    if (item.parentNode === place) return;
    const focused = item.contains(document.activeElement);
    place.insertBefore(item, before);
    if (focused) item.firstChild.focus({ preventScroll: true });
  }

  clicked(name) {
    if (this.dragged) {
      this.dragged = false;
      return;
    }
    this.move(name, !this.cards.get(name).on_kiosk);
  }

  move(name, onto) {
    if (onto === this.cards.get(name).on_kiosk) return;
    if (onto) this.act("place", { card: name });
    else this.act("remove", {});
  }

  grab(event, button, name) {
    if (event.button !== 0 || this.held) return;
    this.dragged = false;
    this.held = { button, name, id: event.pointerId, x: event.clientX, y: event.clientY, moving: false };
    button.setPointerCapture(event.pointerId);
  }

  drag(event) {
    const held = this.held;
    if (!held || held.id !== event.pointerId) return;
    const dx = event.clientX - held.x;
    const dy = event.clientY - held.y;
    if (!held.moving && Math.hypot(dx, dy) < DRAG_PX) return;
    held.moving = true;
    held.button.classList.add("dragging");
    held.button.style.translate = `${dx}px ${dy}px`;
    this.kiosk.classList.toggle("target", this.over(event));
  }

  drop(event) {
    const held = this.held;
    if (!held || held.id !== event.pointerId) return;
    const onto = this.over(event);
    this.letGo();
    if (!held.moving) return;
    // The browser sends a click after the pointer goes up; that one is not meant.
    this.dragged = true;
    setTimeout(() => (this.dragged = false));
    this.move(held.name, onto);
  }

  letGo() {
    if (!this.held) return;
    this.held.button.classList.remove("dragging");
    this.held.button.style.translate = "";
    this.kiosk.classList.remove("target");
    this.held = null;
  }

  over({ clientX, clientY }) {
    const box = this.kiosk.getBoundingClientRect();
    return clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
  }
}
