// Puts the parts together: events from the simulator in, wishes of the person out.

import { Keys } from "./keys.js";
import { Ledger } from "./ledger.js";
import { Screen } from "./screen.js";
import { Buzzer } from "./sound.js";
import { applyTexts, current, switchLanguage, text, word } from "./texts.js";
import { Tray } from "./tray.js";

const $ = (id) => document.getElementById(id);
const names = new Map();
const screen = new Screen($("screen"));
const buzzer = new Buzzer();
const keys = new Keys({ pad: $("keys"), mode: $("mode"), act });
const ledger = new Ledger({ body: $("lines"), empty: $("no-lines"), names });
const tray = new Tray({
  tray: $("tray"),
  places: { kiosk: { zone: $("kiosk"), slot: $("pad") }, desk: { zone: $("desk"), slot: $("desk-pad") } },
  act,
});
let state = null;
let shownDesk = "";

async function act(action, body) {
  try {
    const answer = await fetch(`/do/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) say(text("failed", { why: (await answer.json()).error }));
  } catch (error) {
    say(text("failed", { why: error.message }));
  }
}

function say(sentence) {
  $("spoken").textContent = sentence;
}

function light(id, kind, sentence) {
  const place = $(id);
  place.dataset.kind = kind;
  if (place.textContent !== sentence) place.textContent = sentence;
}

function drawKiosk(kiosk) {
  $("kiosk-name").textContent = kiosk.name;
  $("kiosk").classList.toggle("dark", !kiosk.powered);
  $("green").classList.toggle("lit", kiosk.green);
  $("red").classList.toggle("lit", kiosk.red);
  $("network").setAttribute("aria-checked", String(kiosk.network));
  $("power").setAttribute("aria-checked", String(kiosk.powered));
  $("kiosk-language").textContent = text("kioskLanguage", { language: word("languages", kiosk.language) });
  $("screen-label").textContent = sentenceOf(kiosk.words);
  keys.draw(kiosk);
  const link = !kiosk.powered ? "off" : kiosk.linked ? "linked" : "unlinked";
  light("link", link === "linked" ? "good" : "bad", text(link));
  const pending = kiosk.pending;
  const count = pending === null ? text("unknown") : text("records", { n: pending });
  light("pending", pending === 0 ? "good" : "wait", count);
}

function sentenceOf(words) {
  return words.length ? text("says", { text: words.join("，") }) : text("blank");
}

function announce(before, now) {
  for (const card of now.cards) {
    const then = before.cards.find((other) => other.name === card.name);
    if (then && then.on_desk !== card.on_desk) {
      say(text(card.on_desk ? "onDesk" : "offKiosk", { name: word("names", card.name) }));
    } else if (then && then.on_kiosk !== card.on_kiosk) {
      say(text(card.on_kiosk ? "onKiosk" : "offKiosk", { name: word("names", card.name) }));
    }
  }
  if (now.kiosk.words.join() !== before.kiosk.words.join()) say(sentenceOf(now.kiosk.words));
}

function drawDesk(desk) {
  $("clerk-page").href = desk.page;
  const rows = desk.people.map(({ name, role, password }) => {
    const row = document.createElement("li");
    row.textContent = text("person", { name, role: word("roles", role), password });
    return row;
  });
  $("people").replaceChildren(...rows);
}

function draw(now) {
  if (state && state !== now) announce(state, now);
  state = now;
  for (const card of now.cards) names.set(card.uid, card.name);
  tray.draw(now.cards);
  drawKiosk(now.kiosk);
  if (JSON.stringify([now.desk, current()]) !== shownDesk) {
    shownDesk = JSON.stringify([now.desk, current()]);
    drawDesk(now.desk);
  }
  const running = (up) => text(up ? "up" : "down");
  light("broker", now.broker.up ? "good" : "bad", `${now.broker.kind} · ${running(now.broker.up)}`);
  light("host", now.host.up ? "good" : "bad", running(now.host.up));
  $("broker-note").hidden = now.broker.kind !== "iotcore";
}

function words() {
  applyTexts();
  $("language").textContent = text("other");
  $("language").lang = current() === "zh" ? "en" : "zh-CN";
  $("sound").textContent = text(buzzer.on ? "soundOn" : "soundOff");
  keys.words();
  if (state) draw(state);
  ledger.redraw();
}

function listen() {
  const events = new EventSource("/events");
  const on = (kind, handler) => events.addEventListener(kind, (event) => handler(JSON.parse(event.data)));
  on("screen", (rows) => screen.paint(rows));
  on("state", draw);
  on("ledger", (lines) => ledger.add(lines));
  on("tones", (tones) => buzzer.play(tones));
  events.onopen = () => ($("lost").hidden = true);
  events.onerror = () => {
    $("lost").hidden = false;
    // The browser tries again by itself unless the server answered with an error.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
  };
}

$("language").addEventListener("click", () => {
  switchLanguage();
  words();
});
$("sound").addEventListener("click", () => {
  buzzer.toggle();
  $("sound").setAttribute("aria-pressed", String(buzzer.on));
  $("sound").textContent = text(buzzer.on ? "soundOn" : "soundOff");
});
$("network").addEventListener("click", () => act("network", { up: !state.kiosk.network }));
$("kiosk-language").addEventListener("click", () => {
  act("language", { language: state.kiosk.language === "zh" ? "en" : "zh" });
});
$("power").addEventListener("click", () => act("power", { on: !state.kiosk.powered }));
words();
listen();
