// Messages as a list: grouped by author and day, with what can be done with each, drawn as far as one has scrolled.

import { renderBlocks } from "./blocks.js";
import { el, patch } from "./dom.js";
import { openMenu } from "./menu.js";
import { link, renderText } from "./text.js";

const DRAWN_AT_ONCE = 30;
const SAME_GROUP_S = 300;

// Made once: a format costs more to make than to use.
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/**
 * A list of messages in `scroller`. `around` gives what is outside of it: `names`, `people`, `me`, `shortcuts`,
 * `act(message)` (for the buttons), `reply(message)` (opens the thread; none within one), `use(shortcut, message)`.
 */
export class MessageList {
  #drawn = DRAWN_AT_ONCE;
  #all = [];
  #isAtEnd = true;
  #top = 0;  // how far it was scrolled when last looked at

  constructor(scroller, list, around) {
    Object.assign(this, { scroller, list, around });
    scroller.addEventListener("scroll", () => { this.#note(); this.#drawMore(); }, { passive: true });
    // What was out of sight is laid out only when it is seen, and may turn out larger.
    const grown = new ResizeObserver(() => { if (this.#isAtEnd) this.toEnd(); });
    for (const each of [scroller, list]) grown.observe(each);
    list.addEventListener("keydown", (event) => this.#walk(event));
  }

  /** Show these messages; whoever was at the end stays at the end. */
  show(messages) {
    this.#all = messages;
    this.#draw();
    const { scroller } = this;
    while (this.#drawn < messages.length && scroller.clientHeight && scroller.scrollHeight <= scroller.clientHeight) {
      this.#drawn += DRAWN_AT_ONCE;
      this.#draw();
    }
    if (this.#isAtEnd) this.toEnd();
  }

  /** Start over with another list, from its end or from its top. */
  clear({ fromTop = false } = {}) {
    [this.#drawn, this.#all, this.#isAtEnd] = [fromTop ? Infinity : DRAWN_AT_ONCE, [], !fromTop];
    this.list.replaceChildren();
  }

  toEnd() {
    this.#isAtEnd = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Only who scrolls up leaves the end: a list that has grown since it was scrolled is no reason. */
  #note() {
    const { scroller } = this;
    const isUp = scroller.scrollTop < this.#top;
    this.#top = scroller.scrollTop;
    if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60) this.#isAtEnd = true;
    else if (isUp) this.#isAtEnd = false;
  }

  focus(ts) {
    const item = this.list.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
    item?.focus();
    item?.scrollIntoView({ block: "nearest" });
  }

  #draw() {
    const first = Math.max(0, this.#all.length - this.#drawn);
    patch(this.list, this.#all.slice(first).flatMap((message, index) => this.#items(message, this.#all[first + index - 1])));
    this.list.querySelector(".message[tabindex='0']") ?? this.list.querySelector(".message:last-of-type")?.setAttribute("tabindex", "0");
  }

  #drawMore() {
    if (this.scroller.scrollTop > 900 || this.#drawn >= this.#all.length) return;
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.#drawn += DRAWN_AT_ONCE;
    this.#draw();
    this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
  }

  #items(message, before) {
    const isNewDay = !before || dayOf(before) !== dayOf(message);
    const follows = !isNewDay && isSameGroup(before, message);
    const replies = message.replies?.at(-1);
    const mark = [message.age, follows, message.replies?.length, replies?.age, this.around.me, this.around.names.size].join();
    const item = { key: message.ts, mark, make: (known) => this.#item(message, follows, known) };
    return isNewDay ? [divider(message), item] : [item];
  }

  #item(message, follows, known) {
    const isPrivate = message.seen_only_by !== undefined;
    const author = authorOf(message, this.around);
    const at = new Date(Number(message.ts) * 1000);
    const time = TIME.format(at);
    return el("li", {
      class: `message${isPrivate ? " private" : ""}${follows ? " follows" : ""}`,
      "data-ts": message.ts, tabindex: known?.getAttribute("tabindex") ?? "-1",
    },
    follows ? el("time", { class: "gutter", datetime: at.toISOString(), title: WHEN.format(at) }, time)
      : el("span", { class: `avatar hue-${hueOf(message.user)}`, "aria-hidden": "true" }, initials(author.name)),
    el("div", { class: "content" },
      isPrivate ? el("p", { class: "only-you" }, "Only visible to you") : null,
      el("div", { class: follows ? "head hidden" : "head" },
        el("span", { class: "author" }, author.name),
        author.isApp ? el("span", { class: "badge" }, "APP") : null,
        author.mark ? el("span", { class: "badge" }, author.mark) : null,
        el("time", { class: "at", datetime: at.toISOString(), title: WHEN.format(at) }, time)),
      el("div", { class: "body" }, this.#body(message)),
      message.edited ? el("span", { class: "edited" }, "(edited)") : null,
      this.around.reply && message.replies?.length ? this.#thread(message) : null),
    isPrivate ? null : this.#actions(message));
  }

  #body(message) {
    const { names, act } = this.around;
    const text = message.text ? el("p", {}, renderText({ type: "mrkdwn", text: message.text }, names)) : null;
    const body = message.blocks?.length ? renderBlocks(message.blocks, names, act(message)) : text;
    return [body, (message.files ?? []).map(file)];
  }

  #thread(message) {
    const last = message.replies.at(-1);
    const users = [...new Set(message.replies.map((reply) => reply.user))].slice(0, 4);
    return el("button", { type: "button", class: "replies", click: () => this.around.reply(message) },
      users.map((user) => el("span", { class: `avatar small hue-${hueOf(user)}`, "aria-hidden": "true" }, initials(this.around.names.get(user) ?? user))),
      el("span", { class: "count" }, message.replies.length === 1 ? "1 reply" : `${message.replies.length} replies`),
      el("span", { class: "last" }, `Last at ${TIME.format(Number(last.ts) * 1000)}`));
  }

  #actions(message) {
    const { reply, shortcuts, use } = this.around;
    const own = shortcuts.filter((each) => each.type === "message");
    const more = el("button", {
      type: "button", "aria-haspopup": "menu", "aria-expanded": "false", title: "More message shortcuts", "aria-label": "More message shortcuts",
      click: () => openMenu(more, own.map((each) => ({
        content: [el("strong", {}, each.name), el("span", { class: "note" }, "vpn-diagnose")], choose: () => use(each, message),
      })), "Message shortcuts"),
    }, "⋮");
    return el("div", { class: "message-actions" },
      reply ? el("button", { type: "button", title: "Reply in thread", "aria-label": "Reply in thread", click: () => reply(message) }, "💬") : null,
      own.length ? more : null);
  }

  /** Arrow keys go from message to message; Tab goes to what can be done with the one that has the focus. */
  #walk(event) {
    const item = event.target.closest(".message");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.target !== item || !step) return;
    event.preventDefault();
    const all = [...this.list.querySelectorAll(".message")];
    const next = all[all.indexOf(item) + step];
    if (!next) return;
    item.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }
}

const dayOf = (message) => new Date(Number(message.ts) * 1000).setHours(0, 0, 0, 0);

function divider(message) {
  const day = dayOf(message);
  return { key: `day-${day}`, mark: "", make: () => el("li", { class: "day", role: "separator" }, el("span", {}, DAY.format(day))) };
}

function isSameGroup(before, message) {
  return before.user === message.user && before.bot_id === message.bot_id && !before.replies?.length
    && (before.seen_only_by === undefined) === (message.seen_only_by === undefined)
    && Number(message.ts) - Number(before.ts) < SAME_GROUP_S;
}

function authorOf(message, { names, people }) {
  const person = people.get(message.user);
  const name = message.bot_profile?.name ?? names.get(message.user) ?? message.user;
  return { name, isApp: message.bot_id !== undefined || message.user === "USLACKBOT", mark: markOf(person) };
}

/** What Slack shows beside a name. */
export function markOf(person) {
  if (!person || person.is_bot) return null;
  if (person.is_guest) return "GUEST";
  return person.isForeign ? "OTHER COMPANY" : null;
}

export const initials = (name) => name.replace(/\(.*\)/, "").trim().split(/[\s-]+/).slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
export const hueOf = (id) => [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 8, 0);

function file(given) {
  const url = given.url_private_download ?? given.url_private ?? given.permalink ?? "";
  const name = given.title || given.name || given.id;
  return el("p", { class: "file" }, el("span", { "aria-hidden": "true" }, "📄 "),
    url ? link(new URL(url, location.origin).href, name, { download: given.name }) : name,
    given.size ? el("span", { class: "note" }, ` ${Math.ceil(given.size / 1024)} KB`) : null);
}
