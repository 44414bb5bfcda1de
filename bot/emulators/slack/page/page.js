// The page on which Slack is played by hand: who looks at what, and what follows from a change.

import { renderBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { el, find, patch } from "./dom.js";
import { confirmed, Forms } from "./forms.js";
import { MessageList } from "./messages.js";
import { directOf, hintOf, label, showSidebar } from "./sidebar.js";
import { Store } from "./store.js";
import { ask, live } from "./wire.js";

const store = new Store();
const read = new Map();
const NOTHING = { commands: [], usage: {}, shortcuts: [] };
let [lostSight, isFollowed] = [false, false];
let settle = null;
const settled = new Promise((resolve) => { settle = resolve; });
const here = { me: null, channel: null, tab: "messages", thread: null, workspace: null, people: new Map(), names: new Map() };

/** Do as a person does; what Slack says to the person stands in the status line, unless it `isQuiet`. */
async function play(path, body, { isQuiet = false } = {}) {
  if (isQuiet) return ask(path, { user: here.me.id, ...body }).finally(refresh);
  say("");
  try {
    const outcome = await ask(path, { user: here.me.id, ...body });
    say((outcome.shown ?? []).join(" ") || (outcome.error ? `The app did not answer in time or at all (${outcome.error}).` : ""));
    return outcome;
  } catch (error) {
    say(error.message);
    return null;
  } finally {
    refresh();
  }
}

function say(text) {
  find("status-text").textContent = text;
  find("status").hidden = !text;
}

// What is shown.

async function look(isAnew) {
  if (isAnew) store.clear();
  if (!here.me) meet(await ask("workspace"));
  const { me } = here;
  const workspace = await ask(`workspace?user=${me.id}`);
  if (me !== here.me) return;
  take(workspace);
  await lookAround(here.me, here.channel);
}

async function lookAround(me, channel) {
  const isApp = channel === directOf(me);
  const [, { views }] = await Promise.all([store.refresh(channel, me.id), ask(`views?user=${me.id}`)]);
  if (me !== here.me) store.clear(); // what came is for the eyes of the person before
  if (me !== here.me || channel !== here.channel) return;
  showPlace(isApp);
  showMessages();
  if (!isFollowed) follow();
  if (isApp) showHome(views.find((each) => each.type === "home"));
  forms.show(views);
  settle();
  if (lostSight) say("");
  lostSight = false;
}

/** Learn who there is, and who one is oneself. */
function meet(workspace) {
  here.workspace = workspace;
  here.people = new Map(workspace.people.map((each) => [each.id, { ...each, isForeign: each.team_id !== workspace.team_id }]));
  here.names = new Map([...workspace.people, ...workspace.channels].map((each) => [each.id, each.name]));
  here.me = here.people.get(here.me?.id ?? localStorage.getItem("person")) ?? here.people.values().next().value;
}

function take(workspace) {
  meet(workspace);
  const { latest } = workspace;
  const mine = workspace.channels.filter((each) => each.members.includes(here.me.id));
  const isKnown = here.channel === directOf(here.me) || mine.some((each) => each.id === here.channel);
  if (!isKnown) enter(linked(mine) ?? mine[0]?.id ?? directOf(here.me), { isQuiet: true });
  if (!read.size) for (const each of mine) read.set(each.id, latest[each.id] ?? "");
  read.set(here.channel, latest[here.channel] ?? "");
  const unread = new Set(Object.keys(latest).filter((id) => latest[id] > (read.get(id) ?? "")));
  showSidebar(workspace, here.me, here, unread, { person: become, channel: enter, app: () => enter(directOf(here.me)) });
}

/** A permalink, /archives/{channel}/p{message}, opens its channel, then its thread or the message itself. */
const linked = (channels) => channels.find((each) => location.pathname.split("/")[2] === each.id)?.id;

function follow() {
  const [, , , message] = location.pathname.split("/");
  const ts = message?.replace(/^p(\d{10})(\d+)$/, "$1.$2");
  const root = store.mainline(here.channel).find((each) => each.ts === (new URLSearchParams(location.search).get("thread_ts") ?? ts));
  isFollowed = true;
  if (root?.replies.length) openThread(root);
  (root?.replies.length ? thread : main).focus(ts ?? "");
}

function showPlace(isApp) {
  const channel = here.workspace.channels.find((each) => each.id === here.channel);
  const { app } = here.workspace;
  find("place").textContent = isApp ? "vpn-diagnose" : label(channel);
  find("topic").textContent = isApp ? "App" : [hintOf(channel), `${channel.members.length} members`].filter(Boolean).join(" · ");
  find("tabs").hidden = !isApp || !app.has_home;
  const isHome = isApp && app.has_home && here.tab === "home";
  for (const tab of ["home", "messages"]) {
    find(`tab-${tab}`).setAttribute("aria-selected", String((tab === "home") === isHome));
    find(`tab-${tab}`).tabIndex = (tab === "home") === isHome ? 0 : -1;
  }
  find("home").hidden = !isHome;
  find("log").hidden = isHome;
  find("composer").hidden = isHome || Boolean(channel?.is_archived) || (isApp && !app.reads_messages);
  find("no-composer").hidden = isHome || !find("composer").hidden;
  find("no-composer").textContent = channel?.is_archived ? "This channel has been archived." : "Sending messages to this app has been turned off.";
  find("text").placeholder = isApp ? "Message vpn-diagnose" : `Message ${label(channel)}  (try /vpn-diagnose)`;
  document.title = `${find("place").textContent} - Slack, emulated`;
}

function showMessages() {
  const all = store.mainline(here.channel);
  find("empty").hidden = all.length > 0;
  main.show(all);
  const root = all.find((each) => each.ts === here.thread);
  find("thread").hidden = !root;
  document.body.classList.toggle("with-thread", Boolean(root));
  if (root) thread.show([{ ...root, replies: undefined }, ...root.replies]);
}

function showHome(view) {
  const act = (element, block, value, control) => press(element, control, { block_id: block.block_id, value, view_id: view.id });
  patch(find("home"), view
    ? view.blocks.map((block) => ({ key: block.block_id, mark: JSON.stringify(block), make: () => el("div", { class: "body" }, renderBlocks([block], here.names, act)) }))
    : [{ key: "none", mark: "", make: () => el("p", { class: "note" }, "The app has not published anything here yet.") }]);
}

// What people do.

function become(id) {
  here.me = here.people.get(id);
  localStorage.setItem("person", id);
  here.thread = null;
  for (const known of [store, read, main]) known.clear();
  forms.show([]);
  say("");
  refresh();
}

function enter(channel, { isQuiet = false } = {}) {
  Object.assign(here, { channel, thread: null, tab: channel.startsWith("D") && here.workspace.app.has_home ? "home" : "messages" });
  main.clear();
  document.body.classList.remove("with-side");
  if (isQuiet) return;
  if (here.tab === "home") openTab("home"); else refresh().then(() => find("text").focus());
}

function openTab(tab) {
  here.tab = tab;
  play("home", { tab }, { isQuiet: true }).catch((error) => say(error.message));
}

function openThread(message) {
  here.thread = message.ts;
  thread.clear({ fromTop: true });
  showMessages();
  find("thread-text").focus();
}

function closeThread() {
  const ts = here.thread;
  here.thread = null;
  showMessages();
  if (ts) main.focus(ts);
}

async function press(element, control, where) {
  if (!await confirmed(element.confirm)) return;
  control?.setAttribute("aria-busy", "true");
  await play("click", { action_id: element.action_id, ...where });
  control?.removeAttribute("aria-busy");
}

const around = {
  get names() { return here.names; },
  get people() { return here.people; },
  get me() { return here.me?.id; },
  get shortcuts() { return here.workspace.app.shortcuts; },
  act: (message) => (element, block, value, control) =>
    press(element, control, { block_id: block.block_id, value, channel: here.channel, message_ts: message.ts }),
  use: (shortcut, message) => play("shortcut", { callback_id: shortcut.callback_id, channel: here.channel, message_ts: message.ts }),
};

const main = new MessageList(find("log"), find("messages"), { __proto__: around, reply: openThread });
const thread = new MessageList(find("thread-log"), find("thread-messages"), { __proto__: around, reply: null });
const forms = new Forms(play, {
  get names() { return here.names; },
  listed: () => ({
    people: [...here.people.values()].map((each) => [each.id, each.real_name]),
    channels: here.workspace.channels.filter((each) => !each.with_user).map((each) => [each.id, `#${each.name}`]),
  }),
});

const sent = (path, body, list) => settled.then(() => play(path, { ...body, channel: here.channel }))
  .then((outcome) => { list.toEnd(); return Boolean(outcome); });

composer(find("composer"), {
  app: () => here.workspace?.app ?? NOTHING,
  command: (command, text) => sent("command", { command, text }, main),
  mention: (text) => sent("mention", { text, thread_ts: null }, main),
  say: (text) => sent("say", { text, thread_ts: null }, main),
});
composer(find("thread-composer"), {
  app: () => ({ ...here.workspace.app, commands: [] }),
  command: (command) => { say(`${command} is not supported in threads. Sorry!`); return Promise.resolve(false); },
  mention: (text) => sent("mention", { text, thread_ts: here.thread }, thread),
  say: (text) => sent("say", { text, thread_ts: here.thread }, thread),
});

find("thread-close").addEventListener("click", closeThread);
find("thread").addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) closeThread(); });
find("status-close").addEventListener("click", () => say(""));
for (const tab of ["home", "messages"]) {
  find(`tab-${tab}`).addEventListener("click", () => openTab(tab));
  find(`tab-${tab}`).addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = tab === "home" ? "messages" : "home";
    openTab(other);
    find(`tab-${other}`).focus();
  });
}

find("side-open").addEventListener("click", () => { document.body.classList.add("with-side"); find("person").focus(); });
for (const id of ["side-close", "veil"]) find(id).addEventListener("click", closeSide);
find("side").addEventListener("keydown", (event) => { if (event.key === "Escape") closeSide(); });
function closeSide() {
  if (!document.body.classList.contains("with-side")) return;
  document.body.classList.remove("with-side");
  find("side-open").focus();
}

// Light or dark is the system's choice until a person makes their own.
const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
if (localStorage.getItem("theme")) document.documentElement.dataset.theme = localStorage.getItem("theme");
find("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
  localStorage.setItem("theme", theme());
});

const refresh = live(look, (reason) => { lostSight = true; say(reason); });
