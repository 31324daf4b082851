// Every word of the page in both languages. A test holds the two lists of keys against each other.

export const TEXTS = {
  zh: {
    title: "Tapledger 演示店",
    subtitle: "真实固件、真实主机、虚拟硬件",
    other: "English",
    soundOn: "声音：开",
    soundOff: "声音：关",
    lost: "与演示程序的连接已断开，正在重连…",
    cards: "卡片",
    how: "把卡拖到刷卡机或前台读卡器上，或选中后按回车；再按一次拿走。",
    kiosk: "刷卡机",
    pad: "放卡处",
    network: "网络",
    power: "电源",
    kioskLanguage: "屏幕语言：{language}",
    mode: "用途",
    modes: { fixed: "固定价", keypad: "键盘输入金额", list: "价目表", balance: "余额查询", collect: "领取充值", pass: "凭卡入场", till: "收银系统收款" },
    keypad: "键盘",
    keys: { C: "取消", B: "退格", D: "00", E: "确认" },
    status: "连接",
    link: "刷卡机到主机",
    linked: "联机",
    unlinked: "断开",
    off: "已断电",
    broker: "消息中转",
    host: "主机",
    up: "运行中",
    down: "未运行",
    pending: "待确认流水",
    records: "{n} 笔",
    unknown: "未知",
    brokerNote:
      "iotcore 不检查证书，也不限制主题；账目的可信不靠它，而靠每条消息自带的密钥校验。",
    ledger: "账本",
    time: "时间",
    what: "事项",
    account: "账户",
    amount: "金额",
    balance: "余额",
    noLines: "还没有记账。",
    purse: "储值卡",
    foreign: "别家发的卡",
    states: { lost: "已挂失", void: "已注销", pending: "未完成" },
    noPurse: "—",
    accounts: { card: "卡", cash: "现金", sales: "收入", suspense: "待查", waiting: "待写入", "waiting-bonus": "待写入赠送", bonus: "赠送", account: "账户", given: "赠送支出", losses: "损失", bank: "银行", "over-short": "长短款" },
    blankCard: "空白卡",
    desk: "前台",
    deskPad: "前台读卡器",
    clerkPage: "打开前台页面",
    peopleHint: "演示账号（店员超过 200 元的充值要店主复核）：",
    person: "{role} {name}，密码 {password}",
    roles: { clerk: "店员", owner: "店主" },
    toDesk: "→ 前台",
    placeDesk: "把 {name} 放到前台读卡器",
    onDesk: "{name} 已放在前台读卡器上",
    place: "放上 {name}",
    take: "拿走 {name}",
    onKiosk: "{name} 已放在刷卡机上",
    offKiosk: "{name} 已拿走",
    says: "屏幕显示：{text}",
    blank: "屏幕没有显示",
    failed: "没有做成：{why}",
    languages: { zh: "中文", en: "英文" },
    names: {},
  },
  en: {
    title: "Tapledger demo shop",
    subtitle: "real firmware, real host, virtual hardware",
    other: "中文",
    soundOn: "Sound: on",
    soundOff: "Sound: off",
    lost: "The connection to the demo is lost; trying again…",
    cards: "Cards",
    how: "Drag a card onto the kiosk or the desk reader, or focus it and press Enter; press again to take it off.",
    kiosk: "Kiosk",
    pad: "Card goes here",
    network: "Network",
    power: "Power",
    kioskLanguage: "Screen speaks {language}",
    mode: "For",
    modes: { fixed: "a fixed price", keypad: "amounts typed", list: "a price list", balance: "balance checks", collect: "collecting top-ups", pass: "entry passes", till: "a till's amounts" },
    keypad: "Keypad",
    keys: { C: "Cancel", B: "Back", D: "00", E: "Enter" },
    status: "Connections",
    link: "Kiosk to host",
    linked: "online",
    unlinked: "cut off",
    off: "no power",
    broker: "Message broker",
    host: "Host",
    up: "running",
    down: "not running",
    pending: "Journal pending",
    records: "{n}",
    unknown: "unknown",
    brokerNote:
      "iotcore enforces neither certificates nor topics. The books do not rest on it but on the key check that every message carries.",
    ledger: "Ledger",
    time: "Time",
    what: "What",
    account: "Account",
    amount: "Amount",
    balance: "Balance",
    noLines: "Nothing booked yet.",
    purse: "Stored value",
    foreign: "Other issuer",
    states: { lost: "Blocked", void: "Void", pending: "Unfinished" },
    noPurse: "—",
    accounts: { card: "Card", cash: "Cash", sales: "Sales", suspense: "Suspense", waiting: "Waiting", "waiting-bonus": "Waiting bonus", bonus: "Bonus", account: "Account", given: "Given", losses: "Losses", bank: "Bank", "over-short": "Over or short" },
    blankCard: "Blank card",
    desk: "Front desk",
    deskPad: "Desk reader",
    clerkPage: "Open the clerk's page",
    peopleHint: "Operators of this demo (the owner approves what the clerk tops up above ¥200):",
    person: "{role} {name}, password {password}",
    roles: { clerk: "clerk", owner: "owner" },
    toDesk: "→ desk",
    placeDesk: "Put {name} on the desk reader",
    onDesk: "{name} is on the desk reader",
    place: "Put {name} on the kiosk",
    take: "Take {name} off",
    onKiosk: "{name} is on the kiosk",
    offKiosk: "{name} was taken off",
    says: "The screen says: {text}",
    blank: "The screen shows nothing",
    failed: "That did not work: {why}",
    languages: { zh: "Chinese", en: "English" },
    names: { 李雷: "Li Lei", 韩梅梅: "Han Meimei", 报失卡: "Lost card", 外来卡: "Not ours", 新卡甲: "New card A", 新卡乙: "New card B" },
  },
};

const KEY = "tapledger-language";

function firstChoice() {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked in TEXTS) return asked;
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // Private windows may refuse; the page works without a memory.
  }
  return kept in TEXTS ? kept : "zh";
}

let language = firstChoice();

export function current() {
  return language;
}

/** Text by its key, with {placeholders} filled. */
export function text(key, values = {}) {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** One entry of a table of words; the code itself when there is no word for it. */
export function word(table, code) {
  return TEXTS[language][table][code] ?? code;
}

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // As above.
  }
  const address = new URL(location.href);
  address.searchParams.set("lang", language);
  history.replaceState(null, "", address);
}

/** Put the words where the page has places for them. */
export function applyTexts() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = text("title");
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = text(place.dataset.text);
  }
}

/** 7500 -> ¥75.00, with a true minus sign. */
export function yuan(fen) {
  const whole = Math.floor(Math.abs(fen) / 100);
  const part = String(Math.abs(fen) % 100).padStart(2, "0");
  return `${fen < 0 ? "−" : ""}¥${whole.toLocaleString("en")}.${part}`;
}
