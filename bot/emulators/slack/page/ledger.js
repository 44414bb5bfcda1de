// The ledger of the emulated cloud as a table: newest first, a bounded number of rows, filtered by any word.

import { el } from "./dom.js";
import { ask } from "./wire.js";

const MOST_ROWS = 100;

/** Make the section; `look()` brings it up to date. */
export function ledger() {
  const rows = el("tbody", {});
  const filter = el("input", { type: "search", id: "cloud-filter", placeholder: "operation, code, RequestId…", input: () => narrow() });
  const known = { number: 0 };
  const narrow = () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const row of rows.children) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  };
  const section = el("section", { "aria-live": "off" },
    el("h3", { id: "cloud-calls" }, "Calls"),
    el("label", { for: "cloud-filter", class: "hidden" }, "Filter the calls"), filter,
    el("div", { class: "calls", tabindex: "0", role: "group", "aria-labelledby": "cloud-calls" },
      el("table", {},
        el("thead", {}, el("tr", {}, ["Time", "Operation, outcome, who, RequestId", "ms"].map((name) => el("th", { scope: "col" }, name)))),
        rows)));

  async function add() {
    let { count, calls } = await ask(`cloud/calls?after=${known.number}`);
    if (count < known.number) {
      rows.replaceChildren();
      ({ count, calls } = await ask("cloud/calls?after=0"));
    }
    known.number = count;
    if (!calls.length) return;
    rows.prepend(...calls.slice(-MOST_ROWS).reverse().map(line));
    while (rows.children.length > MOST_ROWS) rows.lastElementChild.remove();
    narrow();
  }

  /** One after the other: two at once would both be told what is new since the same call. */
  let last = Promise.resolve();
  const look = () => {
    last = last.then(add, add);
    return last;
  };
  return { section, look };
}

function line(call) {
  const at = new Date(call.at);
  const { request_id: id, took_ms: took } = call.facts;
  return el("tr", { class: call.outcome === "ok" ? "good" : "bad" },
    el("td", {}, el("time", { datetime: call.at }, at.toLocaleTimeString([], { hour12: false }))),
    el("td", {},
      el("span", { class: "operation" }, call.operation), " ", el("span", { class: "outcome" }, call.outcome),
      el("span", { class: "who", title: call.caller }, who(call.caller)),
      id ? el("code", { class: "who" }, id) : null),
    el("td", {}, took == null ? "" : String(took)));
}

/** Shorten an ARN to the role and its session, or to the user. */
const who = (arn) => arn.replace(/^acs:\w+::\d+:/, "").replace(/^(assumed-)?role\//, "");
