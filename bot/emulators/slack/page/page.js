// The page on which Slack is played by hand: asks the emulator what there is to see, and shows it.

import { el, renderBlocks, renderText } from "./blocks.js";
import { fieldOf, valuesOf } from "./fields.js";

const LOOK_EVERY_MS = 500;
const find = (id) => document.getElementById(id);
const here = { person: null, channel: null, thread: null, version: null, view: null, names: new Map() };

async function ask(path, body) {
  const given = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch(`/_emulator/${path}`, given);
  const answer = await response.json();
  if (!answer.ok) throw new Error(answer.error);
  return answer;
}

/** Do as a person does, then look at what came of it; what Slack says to the person stands in the status line. */
async function play(path, body) {
  find("status").textContent = "";
  try {
    const outcome = await ask(path, { user: here.person, ...body });
    if (path !== "submit") find("status").textContent = (outcome.shown ?? []).join(" ");
    return outcome;
  } catch (error) {
    find("status").textContent = error.message;
    return null;
  } finally {
    await look();
  }
}

async function look() {
  const { version } = await ask("version");
  const workspace = await ask("workspace");
  showWorkspace(workspace);
  if (here.channel) await showMessages();
  await showView();
  here.version = version;
}

async function keepLooking() {
  try {
    if (!document.hidden && (await ask("version")).version !== here.version) await look();
  } catch {
    find("status").textContent = "The emulator does not answer.";
  }
  setTimeout(keepLooking, LOOK_EVERY_MS);
}

// The side: people and channels.

function showWorkspace({ people, channels }) {
  here.names = new Map([...people.map((each) => [each.id, each.name]), ...channels.map((each) => [each.id, each.name])]);
  here.names.set("USLACKBOT", "Slackbot");
  const persons = people.filter((each) => !each.is_bot);
  here.person ??= persons[0].id;
  keep(find("person"), persons, (each) => el("option", { value: each.id }, each.real_name));
  find("person").value = here.person;
  const mine = channels.filter((each) => each.members.includes(here.person));
  if (!mine.some((each) => each.id === here.channel)) here.channel = asked(mine) ?? mine[0]?.id ?? null;
  keep(find("channels"), mine, (each) =>
    el("button", { type: "button", "data-channel": each.id, click: () => enter(each.id) }, label(each)));
  for (const button of find("channels").children) {
    button.toggleAttribute("aria-current", button.dataset.channel === here.channel);
  }
  const now = mine.find((each) => each.id === here.channel);
  find("channel").textContent = now ? label(now) : "";
}

/** A permalink, /archives/{channel}/{message}, opens its channel. */
const asked = (channels) => channels.find((each) => location.pathname.split("/")[2] === each.id)?.id;
const label = (channel) =>
  channel.with_user ? "vpn-diagnose"
    : `# ${channel.name}${channel.is_private ? " (private)" : ""}${channel.is_archived ? " (archived)" : ""}`;

function enter(channel) {
  here.channel = channel;
  reply(null);
  find("messages").replaceChildren();
  look().then(() => find("messages").scrollTo(0, find("messages").scrollHeight));
}

// The middle: messages, private ones among them by their time.

async function showMessages() {
  const list = find("messages");
  const { messages, private: own } = await ask(`channels/${here.channel}/messages?user=${here.person}`);
  const roots = new Map(messages.map((each) => [each.ts, { ...each, replies: [...each.replies] }]));
  const loose = [];
  for (const each of own) (roots.get(each.thread_ts)?.replies ?? loose).push(each);
  const all = [...roots.values(), ...loose].sort((a, b) => a.ts.localeCompare(b.ts));
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  keep(list, all, messageItem);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function messageItem(message) {
  const isPrivate = message.seen_only_by !== undefined;
  const at = new Date(Number(message.ts) * 1000);
  const act = (element, block, value) => play("click", {
    action_id: element.action_id, block_id: block.block_id, value, channel: here.channel, message_ts: message.ts,
  });
  const replies = (message.replies ?? []).sort((a, b) => a.ts.localeCompare(b.ts));
  return el("li", { class: isPrivate ? "message private" : "message", "data-ts": message.ts },
    el("div", { class: "head" },
      el("span", { class: "author" }, message.bot_profile?.name ?? here.names.get(message.user) ?? message.user),
      el("time", { class: "at", datetime: at.toISOString() }, at.toLocaleTimeString()),
      message.edited ? el("span", { class: "mark" }, "(edited)") : null,
      isPrivate ? el("span", { class: "mark" }, "Only visible to you") : null,
      message.replies && !isPrivate ? el("button", { type: "button", class: "reply", click: () => reply(message.ts) }, "Reply") : null),
    el("div", { class: "body" }, message.blocks?.length
      ? renderBlocks(message.blocks, here.names, act)
      : renderText({ type: "mrkdwn", text: message.text }, here.names)),
    replies.length ? el("ol", { class: "thread" }, replies.map(messageItem)) : null);
}

/** Bring a list in line with its items and leave alone what has not changed, so that focus and scrolling stay. */
function keep(list, items, make) {
  const before = new Map([...list.children].map((node) => [node.keptAs, node]));
  items.forEach((item, index) => {
    const as = JSON.stringify(item);
    const node = before.get(as) ?? make(item);
    node.keptAs = as;
    before.delete(as);
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
  for (const node of before.values()) node.remove();
}

// Below: what the person types.

function reply(ts) {
  here.thread = ts;
  find("replying").hidden = ts === null;
  find("text").focus();
}

function send(event) {
  event.preventDefault();
  const text = find("text").value.trim();
  if (!text) return;
  find("text").value = "";
  const [word] = text.split(/\s/, 1);
  const rest = text.slice(word.length).trim();
  if (text.startsWith("/")) play("command", { command: word, text: rest, channel: here.channel });
  else if (word === "@vpn-diagnose") play("mention", { text: escaped(rest), channel: here.channel, thread_ts: here.thread });
  else play("say", { text: escaped(text), channel: here.channel, thread_ts: here.thread });
}

/** Slack's client escapes what people type (docs.slack.dev/messaging/formatting-message-text#escaping). */
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

// On top: the form that is open.

async function showView() {
  const { views } = await ask(`views?user=${here.person}`);
  const view = views.filter((each) => each.type === "modal").at(-1) ?? null;
  const known = view && JSON.stringify([view.id, view.hash, view.errors]);
  if (known === here.view) return;
  const typed = view && here.view && JSON.parse(here.view)[1] === view.hash ? valuesOf(find("view-blocks")) : {};
  here.view = known;
  const dialog = find("view");
  if (!view) return dialog.close();
  find("view-title").textContent = view.title.text;
  find("view-trouble").hidden = true;
  find("view-submit").hidden = !view.submit;
  find("view-submit").textContent = view.submit?.text ?? "";
  find("view-close").textContent = view.close?.text ?? "Close";
  const act = (element, block, value) =>
    play("click", { action_id: element.action_id, block_id: block.block_id, value, view_id: view.id });
  const suggest = (element, text) => play("options", { action_id: element.action_id, value: text, view_id: view.id });
  find("view-blocks").replaceChildren(...view.blocks.flatMap((block) => block.type === "input"
    ? [fieldOf(block, view.errors[block.block_id], typed[block.block_id], suggest)]
    : el("div", { class: "body" }, renderBlocks([block], here.names, act))));
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector("input, select, textarea"))?.focus();
}

const openView = () => here.view && JSON.parse(here.view)[0];

async function submitView(event) {
  event.preventDefault();
  const outcome = await play("submit", { view_id: openView(), values: valuesOf(find("view-blocks")) });
  const trouble = outcome ? outcome.shown.join(" ") : find("status").textContent;
  find("view-trouble").textContent = trouble;
  find("view-trouble").hidden = !trouble;
}

function closeView(event) {
  event.preventDefault();
  if (openView()) play("close", { view_id: openView() });
}

find("person").addEventListener("change", (event) => { here.person = event.target.value; enter(null); });
find("composer").addEventListener("submit", send);
find("stop-replying").addEventListener("click", () => reply(null));
find("view-form").addEventListener("submit", submitView);
find("view-close").addEventListener("click", closeView);
find("view").addEventListener("cancel", closeView);
look().then(keepLooking, keepLooking);
