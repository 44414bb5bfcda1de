// Slack's blocks as elements of a page. Foreign text goes through textContent alone, never through markup.

/** Make an element with attributes and children; strings among them become text. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

/** Render the blocks of a message or view; `act(element, block, value)` is told what is pressed or chosen. */
export function renderBlocks(blocks, names, act) {
  return blocks.map((block) => (BLOCKS[block.type] ?? unknownBlock)(block, names, act));
}

/** Render a text object, or a message's own text, which is mrkdwn. */
export function renderText(text, names) {
  return el("span", { class: "text" }, text.type === "mrkdwn" ? mrkdwn(text.text, names) : text.text);
}

const BLOCKS = {
  header: (block) => el("h3", {}, block.text.text),
  divider: () => el("hr"),
  section: (block, names, act) => el("div", {},
    block.text ? el("p", {}, renderText(block.text, names)) : null,
    block.fields ? el("div", { class: "fields" }, block.fields.map((field) => renderText(field, names))) : null,
    block.accessory ? el("div", { class: "row" }, control(block.accessory, block, act)) : null),
  context: (block, names) => el("p", { class: "context" }, block.elements.flatMap((each) =>
    [each.type === "image" ? `(image: ${each.alt_text})` : renderText(each, names), " "])),
  actions: (block, names, act) => el("div", { class: "row" }, block.elements.map((each) => control(each, block, act))),
  image: (block) => el("p", { class: "unknown" }, `(image: ${block.alt_text})`),
  markdown: (block) => el("p", { class: "text" }, block.text),
  rich_text: (block, names) => el("div", {}, block.elements.map((part) => richPart(part, names))),
  table: (block, names) => el("div", { class: "scroll" }, el("table", {}, el("tbody", {}, block.rows.map((row) =>
    el("tr", {}, row.map((cell) => el("td", {}, tableCell(cell, names)))))))),
  task_card: (block) => el("p", {}, `[${block.status ?? "pending"}] ${block.title?.text ?? block.title ?? ""}`),
  plan: (block) => el("div", {}, el("p", {}, block.title?.text ?? block.title ?? ""),
    (block.tasks ?? []).map((task) => BLOCKS.task_card(task))),
};

function unknownBlock(block) {
  return el("p", { class: "unknown" }, `(a block of type ${block.type}, which is not shown here)`);
}

function tableCell(cell, names) {
  if (cell.type === "rich_text") return BLOCKS.rich_text(cell, names);
  return String(cell.text ?? cell.value);
}

function richPart(part, names) {
  const inside = () => part.elements.map((each) => inline(each, names));
  switch (part.type) {
    case "rich_text_list":
      return el(part.style === "ordered" ? "ol" : "ul", { start: part.offset ? part.offset + 1 : null },
        part.elements.map((item) => el("li", {}, item.elements.map((each) => inline(each, names)))));
    case "rich_text_quote": return el("blockquote", { class: "text" }, inside());
    case "rich_text_preformatted": return el("pre", {}, inside());
    default: return el("p", { class: "text" }, inside());
  }
}

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

function inline(element, names) {
  let node = INLINES[element.type]?.(element, names) ?? el("span", { class: "unknown" }, `(${element.type})`);
  for (const [style, tag] of Object.entries(STYLES)) {
    if (element.style?.[style]) node = el(tag, {}, node);
  }
  return node;
}

const INLINES = {
  text: (e) => document.createTextNode(e.text),
  link: (e) => link(e.url, e.text ?? e.url),
  user: (e, names) => mention(`@${names.get(e.user_id) ?? e.user_id}`),
  channel: (e, names) => mention(`#${names.get(e.channel_id) ?? e.channel_id}`),
  usergroup: (e) => mention(`@${e.usergroup_id}`),
  team: (e) => mention(`@${e.team_id}`),
  broadcast: (e) => mention(`@${e.range}`),
  emoji: (e) => document.createTextNode(e.unicode
    ? String.fromCodePoint(...e.unicode.split("-").map((hex) => parseInt(hex, 16) || 0xfffd)) : `:${e.name}:`),
  color: (e) => document.createTextNode(e.value),
  date: (e) => document.createTextNode(new Date(e.timestamp * 1000).toLocaleString()),
};

const mention = (text) => el("span", { class: "mention" }, text);

/** Only web addresses become links; anything else is shown as the text it is. */
function link(url, text) {
  if (!/^https?:\/\//i.test(url)) return document.createTextNode(text === url ? url : `${text} (${url})`);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}

const MARKUP = /<([^<>]+)>|`([^`\n]+)`|(?<!\w)\*([^*\n]+)\*(?!\w)|(?<!\w)_([^_\n]+)_(?!\w)|(?<!\w)~([^~\n]+)~(?!\w)/g;
const entities = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

function mrkdwn(text, names) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(MARKUP)) {
    nodes.push(entities(text.slice(end, found.index)));
    const [, reference, code, bold, italic, strike] = found;
    if (reference !== undefined) nodes.push(referred(reference, names));
    else if (code !== undefined) nodes.push(el("code", {}, entities(code)));
    else if (bold !== undefined) nodes.push(el("strong", {}, mrkdwn(bold, names)));
    else if (italic !== undefined) nodes.push(el("em", {}, mrkdwn(italic, names)));
    else nodes.push(el("s", {}, mrkdwn(strike, names)));
    end = found.index + found[0].length;
  }
  return [...nodes, entities(text.slice(end))];
}

function referred(reference, names) {
  const [target, label] = reference.split("|", 2).map(entities);
  const id = target.slice(1);
  if (target.startsWith("@")) return mention(`@${label ?? names.get(id) ?? id}`);
  if (target.startsWith("#")) return mention(`#${label ?? names.get(id) ?? id}`);
  if (target.startsWith("!")) return mention(`@${label ?? id}`);
  return link(target, label ?? target);
}

function control(element, block, act) {
  if (element.type === "image") return el("span", { class: "unknown" }, `(image: ${element.alt_text})`);
  if (element.type === "button") {
    return el("button", { type: "button", class: element.style, click: () => act(element, block) }, element.text.text);
  }
  if (!element.options && !element.option_groups) return el("span", { class: "unknown" }, `(${element.type})`);
  const choice = el("select", {
    "aria-label": element.placeholder?.text ?? element.action_id,
    change: () => choice.value && act(element, block, choice.value),
  }, el("option", { value: "" }, element.placeholder?.text ?? "…"), options(element));
  return choice;
}

/** Render the options of a menu, in their groups if it has them. */
export function options(element, chosen) {
  const one = (option) => el("option", { value: option.value, selected: option.value === chosen }, option.text.text);
  if (!element.option_groups) return (element.options ?? []).map(one);
  return element.option_groups.map((group) => el("optgroup", { label: group.label.text }, group.options.map(one)));
}
