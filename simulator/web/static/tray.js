// Cards: drawn from the state, moved by mouse, finger or keyboard.
// A card is a button: Enter, Space and a click put it on the kiosk and take it off again; dragging does the same.

import { text, word, yuan } from "./texts.js";

const DRAG_PX = 6;

export class Tray {
  /** `act(action, body)` asks the simulator; `places` is {name: {zone, slot}}: where a card may be dropped. */
  constructor({ tray, places, act }) {
    Object.assign(this, { tray, places, act });
    this.items = new Map();
    this.held = null;
  }

  draw(cards) {
    this.cards = new Map(cards.map((card) => [card.name, card]));
    let before = null; // each card has its place in the tray, whatever was taken out meanwhile
    for (const card of cards.toReversed()) {
      const item = this.items.get(card.name) ?? this.make(card);
      this.fill(item, card);
      const where = placeOf(card);
      this.put(item, where ? this.places[where].slot : this.tray, where ? null : before);
      if (!where) before = item;
    }
  }

  make(card) {
    const item = document.createElement("li");
    item.innerHTML = `<button type="button" class="card"><span class="name"></span><span class="badge"></span>
      <span class="kind"></span><span class="value"></span><span class="uid"></span></button>
      <button type="button" class="plain to-desk"></button>`;
    item.lastChild.addEventListener("click", () => this.move(card.name, "desk"));
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
    set("kind", text(card.kind === "purse" && card.value_fen === null ? "blankCard" : card.kind));
    set("badge", badge);
    set("value", card.value_fen === null ? text("noPurse") : yuan(card.value_fen));
    set("uid", `…${card.uid.slice(-4).toUpperCase()}`);
    button.dataset.state = card.state;
    button.setAttribute("aria-pressed", String(placeOf(card) !== null));
    button.title = text(placeOf(card) ? "take" : "place", { name });
    item.lastChild.textContent = text("toDesk");
    item.lastChild.setAttribute("aria-label", text("placeDesk", { name }));
    item.lastChild.hidden = placeOf(card) !== null;
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
    this.move(name, placeOf(this.cards.get(name)) ? null : "kiosk");
  }

  move(name, onto) {
    const where = placeOf(this.cards.get(name));
    if (onto === where) return;
    if (onto) this.act("place", { card: name, where: onto });
    else this.act("remove", { where });
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
    const target = this.over(event);
    for (const [name, { zone }] of Object.entries(this.places)) zone.classList.toggle("target", name === target);
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
    for (const { zone } of Object.values(this.places)) zone.classList.remove("target");
    this.held = null;
  }

  /** The name of the place that the pointer is over, or null. */
  over({ clientX, clientY }) {
    for (const [name, { zone }] of Object.entries(this.places)) {
      const box = zone.getBoundingClientRect();
      if (clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom) return name;
    }
    return null;
  }
}

function placeOf(card) {
  return card.on_kiosk ? "kiosk" : card.on_desk ? "desk" : null;
}
