// Slack's blocks as elements of a page; of a block that is not known here it says so.

import { el } from "./dom.js";
import { fieldOf, options } from "./fields.js";
import { richText } from "./rich_text.js";
import { link, renderText } from "./text.js";

/** Render the blocks of a message or view; `act(element, block, value, control)` is told what is pressed or chosen. */
export function renderBlocks(blocks, names, act) {
  return blocks.map((block) => (BLOCKS[block.type] ?? unknownBlock)(block, names, act));
}

const BLOCKS = {
  header: (block) => el("h3", { class: "block-header" }, block.text.text),
  divider: () => el("hr"),
  section,
  context: (block, names) => el("p", { class: "context" }, block.elements.map((each) =>
    [each.type === "image" ? picture(each) : renderText(each, names), " "])),
  actions: (block, names, act) => el("div", { class: "row" }, block.elements.map((each) => control(each, block, act))),
  context_actions: (block, names, act) => el("div", { class: "row" }, block.elements.map((each) => control(each, block, act))),
  image: (block) => el("figure", {}, picture(block), block.title ? el("figcaption", {}, block.title.text) : null),
  markdown: (block) => el("p", { class: "text" }, block.text),
  rich_text: (block, names) => richText(block, names),
  table,
  input,
  alert: (block, names) => el("p", { class: `alert ${block.level ?? "default"}` }, renderText(block.text, names)),
  card: (block, names, act) => el("div", { class: "card" },
    [block.title, block.subtitle, block.body].filter(Boolean).map((text) => el("p", {}, renderText(text, names))),
    block.actions ? el("div", { class: "row" }, block.actions.map((each) => control(each, block, act))) : null),
  task_card: (block, names) => el("details", { class: "card", open: true },
    el("summary", {}, `${TASK[block.status] ?? "○"} ${textOf(block.title)}`),
    [block.details, block.output].filter(Boolean).map((text) => richText(text, names))),
  plan: (block, names) => el("div", { class: "card" }, el("p", {}, el("strong", {}, textOf(block.title))),
    (block.tasks ?? []).map((task) => BLOCKS.task_card(task, names))),
};

const TASK = { pending: "○", in_progress: "◐", complete: "✓", error: "✗" };
const textOf = (text) => text?.text ?? text ?? "";

function unknownBlock(block) {
  return el("p", { class: "unknown" }, `This page does not know the block \`${block.type}\``);
}

function section(block, names, act) {
  return el("div", { class: "section" },
    el("div", {},
      block.text ? el("p", {}, renderText(block.text, names)) : null,
      block.fields ? el("div", { class: "fields" }, block.fields.map((field) => renderText(field, names))) : null),
    block.accessory ? el("div", { class: "row" }, control(block.accessory, block, act)) : null);
}

/** A field outside of a form: what is chosen there is told at once, if the app asked for that. */
function input(block, names, act) {
  const listed = (letter) => [...names].filter(([id]) => id.startsWith(letter));
  const changed = (element, _, value) => block.dispatch_action && act(element, block, value, null);
  const suggest = () => Promise.reject(new Error("This page asks for options in forms only."));
  return fieldOf(block, { error: null }, { people: listed("U"), channels: listed("C"), changed, suggest });
}

/** Nothing is loaded from elsewhere, so a picture is what it is said to show. */
function picture(image) {
  return el("span", { class: "picture", role: "img", "aria-label": image.alt_text }, `🖼 ${image.alt_text}`);
}

function table(block, names) {
  const align = (index) => block.column_settings?.[index]?.align ?? "left";
  const row = (cells, name) => el("tr", {}, cells.map((cell, index) =>
    el(name, { class: align(index), scope: name === "th" ? "col" : null }, tableCell(cell, names))));
  const [head, ...rest] = block.rows;
  return el("div", { class: "scroll", role: "region", "aria-label": "Table", tabindex: "0" },
    el("table", {}, el("thead", {}, row(head, "th")), el("tbody", {}, rest.map((cells) => row(cells, "td")))));
}

function tableCell(cell, names) {
  return cell.type === "rich_text" ? richText(cell, names) : String(cell.text ?? cell.value);
}

function control(element, block, act) {
  if (element.type === "image") return picture(element);
  if (element.type === "button" || element.type === "workflow_button") return button(element, block, act);
  if (!element.options && !element.option_groups) {
    return el("span", { class: "unknown" }, `This page does not know the element \`${element.type}\` here`);
  }
  const choice = el("select", {
    "aria-label": element.placeholder?.text ?? (element.type === "overflow" ? "More" : element.action_id),
    change: () => choice.value && act(element, block, choice.value, choice),
  }, el("option", { value: "" }, element.placeholder?.text ?? "…"), options(element, element.initial_option?.value));
  return choice;
}

/** A button with a URL opens it, and the app hears of the press as well. */
function button(element, block, act) {
  const given = { class: `button ${element.style ?? ""}`, "aria-label": element.accessibility_label };
  if (element.url) {
    return link(element.url, `${element.text.text} ↗`, { ...given, click: () => act(element, block, undefined, null) });
  }
  const node = el("button", { type: "button", ...given, click: () => act(element, block, undefined, node) }, element.text.text);
  return node;
}
