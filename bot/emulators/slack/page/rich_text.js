// A rich_text block as nodes (docs.slack.dev/reference/block-kit/blocks/rich-text-block).

import { el } from "./dom.js";
import { date, emoji, link, mention } from "./text.js";

export function richText(block, names) {
  return el("div", { class: "rich" }, block.elements.map((part) => partOf(part, names)));
}

function partOf(part, names) {
  const inside = () => part.elements.map((each) => inline(each, names));
  switch (part.type) {
    case "rich_text_section": return el("p", { class: "text" }, inside());
    case "rich_text_quote": return el("blockquote", { class: "text" }, inside());
    case "rich_text_preformatted": return el("pre", { tabindex: "0" }, inside());
    case "rich_text_list": return listOf(part, names);
    default: return el("p", { class: "unknown" }, `This page does not know the rich text \`${part.type}\``);
  }
}

function listOf(part, names) {
  const given = { class: `indent-${part.indent ?? 0}`, start: part.offset ? part.offset + 1 : null };
  return el(part.style === "ordered" ? "ol" : "ul", given, part.elements.map((item) =>
    el("li", { class: "text" }, item.elements.map((each) => inline(each, names)))));
}

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u", highlight: "mark" };

const INLINES = {
  text: (e) => document.createTextNode(e.text),
  link: (e) => link(e.url, e.text ?? e.url),
  user: (e, names) => mention(`@${names.get(e.user_id) ?? e.user_id}`),
  channel: (e, names) => mention(`#${names.get(e.channel_id) ?? e.channel_id}`),
  usergroup: (e) => mention(`@${e.usergroup_id}`),
  team: (e) => mention(`@${e.team_id}`),
  broadcast: (e) => mention(`@${e.range}`),
  emoji: (e) => document.createTextNode(emoji(e.name, e.unicode)),
  color: (e) => document.createTextNode(e.value),
  date: (e) => e.url ? link(e.url, e.fallback ?? e.url) : date(e.timestamp, e.format),
};

function inline(element, names) {
  let node = INLINES[element.type]?.(element, names)
    ?? el("span", { class: "unknown" }, `This page does not know \`${element.type}\``);
  for (const [style, tag] of Object.entries(STYLES)) {
    if (element.style?.[style]) node = el(tag, {}, node);
  }
  return node;
}
