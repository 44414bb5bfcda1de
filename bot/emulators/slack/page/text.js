// Slack's texts as nodes: mrkdwn (docs.slack.dev/messaging/formatting-message-text), links, mentions, dates, emoji.

import { el } from "./dom.js";

// Those that monitoring says most; any other stays as its name.
const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", rotating_light: "🚨", red_circle: "🔴",
  large_green_circle: "🟢", large_yellow_circle: "🟡", large_blue_circle: "🔵", hourglass_flowing_sand: "⏳",
  information_source: "ℹ️", no_entry: "⛔", mag: "🔍", lock: "🔒", eyes: "👀", tada: "🎉", wave: "👋", bell: "🔔",
};

/** Render a text object, plain or mrkdwn. */
export function renderText(text, names) {
  if (text.type !== "mrkdwn") return el("span", { class: "text" }, text.emoji === false ? text.text : withEmoji(text.text));
  return el("span", { class: "text" }, mrkdwn(text.text, names));
}

export const mention = (text) => el("span", { class: "mention" }, text);

/** Only web addresses become links; anything else is shown as the text it is. */
export function link(url, text, more = {}) {
  if (!/^https?:\/\//i.test(url)) return document.createTextNode(text === url ? url : `${text} (${url})`);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", ...more }, text);
}

export const emoji = (name, unicode) => unicode
  ? String.fromCodePoint(...unicode.split("-").map((hex) => parseInt(hex, 16) || 0xfffd))
  : Object.hasOwn(EMOJI, name) ? EMOJI[name] : `:${name}:`;

const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));

/** Fill in the tokens of docs.slack.dev/messaging/formatting-message-text#date-formatting in the reader's time. */
export function date(timestamp, format) {
  const at = new Date(timestamp * 1000);
  const day = (style) => at.toLocaleDateString(undefined, style);
  const tokens = {
    date_num: () => at.toLocaleDateString("sv"),  // Sweden writes dates as ISO 8601 does
    date: () => day({ dateStyle: "long" }), date_pretty: () => day({ dateStyle: "long" }),
    date_short: () => day({ dateStyle: "medium" }), date_short_pretty: () => day({ dateStyle: "medium" }),
    date_long: () => day({ dateStyle: "full" }), date_long_pretty: () => day({ dateStyle: "full" }),
    day_divider_pretty: () => day({ dateStyle: "full" }),
    time: () => at.toLocaleTimeString(undefined, { timeStyle: "short" }),
    time_secs: () => at.toLocaleTimeString(undefined, { timeStyle: "medium" }),
    ago: () => ago(at),
  };
  const words = (format || "{date_short} {time}").replace(/\{(\w+)\}/g, (whole, token) => Object.hasOwn(tokens, token) ? tokens[token]() : whole);
  return el("time", { datetime: at.toISOString(), title: at.toLocaleString() }, words);
}

function ago(at) {
  const minutes = Math.round((at - Date.now()) / 60_000);
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  return Math.abs(minutes) < 60 ? relative.format(minutes, "minute") : relative.format(Math.round(minutes / 60), "hour");
}

const entities = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Fenced code first, then quotes line by line, then what stands within a line. */
function mrkdwn(text, names) {
  return text.split(/```([\s\S]+?)```/).flatMap((part, index) =>
    index % 2 ? el("pre", {}, entities(part.replace(/^\n/, ""))) : quotes(part, names));
}

function quotes(text, names) {
  return text.split(/((?:^&gt; ?.*(?:\n|$))+)/m).flatMap((part) => part.startsWith("&gt;")
    ? el("blockquote", {}, inline(part.replace(/^&gt; ?/gm, "").replace(/\n$/, ""), names))
    : inline(part, names));
}

const MARKUP = new RegExp([
  "<([^<>]+)>", "`([^`\\n]+)`", "(?<![\\w*])\\*([^*\\n]+)\\*(?![\\w*])", "(?<![\\w_])_([^_\\n]+)_(?![\\w_])",
  "(?<![\\w~])~([^~\\n]+)~(?![\\w~])",
].join("|"), "g");

function inline(text, names) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(MARKUP)) {
    nodes.push(withEmoji(entities(text.slice(end, found.index))));
    const [, reference, code, bold, italic, strike] = found;
    if (reference !== undefined) nodes.push(referred(reference, names));
    else if (code !== undefined) nodes.push(el("code", {}, entities(code)));
    else if (bold !== undefined) nodes.push(el("strong", {}, inline(bold, names)));
    else if (italic !== undefined) nodes.push(el("em", {}, inline(italic, names)));
    else nodes.push(el("s", {}, inline(strike, names)));
    end = found.index + found[0].length;
  }
  return [...nodes, withEmoji(entities(text.slice(end)))];
}

function referred(reference, names) {
  const [target, label] = reference.split("|", 2).map(entities);
  const id = target.slice(1);
  if (target.startsWith("@")) return mention(`@${names.get(id) ?? label ?? id}`);
  if (target.startsWith("#")) return mention(`#${names.get(id) ?? label ?? id}`);
  const [word, timestamp, format, url] = id.split("^");
  if (target.startsWith("!") && word === "date") return url ? link(url, label ?? url) : date(Number(timestamp), format);
  if (target.startsWith("!")) return mention(label ?? `@${names.get(timestamp) ?? word}`);
  return link(target, label ?? target);
}
