// The emulated cloud beside Slack: its network, faults to switch on, and the ledger of calls.

import { el, find, patch } from "./dom.js";
import { ledger } from "./ledger.js";
import { picture } from "./network.js";
import { ask } from "./wire.js";

const LOOK_EVERY_MS = 700;
const ROOM_FOR_IT = "(min-width: 1400px)";
const COVERS_SLACK = "(max-width: 999px)";

// What can be switched on: of the network around one connection, and of the cloud as a whole.
const AROUND = [
  ["route", "Broken route", "A route of the VPC leads to the same addresses as the tunnel, and takes the traffic elsewhere."],
  ["settings", "Mismatched configuration", "The data centre's end encrypts with another algorithm: the tunnel goes down."],
  ["path", "Lossy path", "40 % of the packets are lost on the Internet, the rest is slow."],
];
const EVERYWHERE = [
  ["throttling", "Throttling", "Every start of a diagnosis is refused: too many calls."],
  ["sessions", "Expired credentials", "Every session is over as soon as it is used."],
  ["down", "Cloud down", "Every call is answered with 503."],
];

const panel = find("cloud");
let attached = false;  // whether there is a cloud; asked once, while the panel may already be opened
const here = { gateways: [], on: [], chosen: null, seen: "" };
const parts = {};

function build() {
  const calls = ledger();
  Object.assign(parts, {
    calls,
    status: el("p", { role: "status", class: "said" }),
    connections: el("div", { role: "radiogroup", "aria-labelledby": "cloud-network", class: "connections" }),
    picture: el("ol", { class: "way", "aria-label": "The way from the VPC to the data centre" }),
    switches: [...AROUND, ...EVERYWHERE].map(([name, ...words]) => [name, toggle(name, ...words)]),
    diagnose: el("button", { type: "button", click: typeCommand }, "Type its diagnosis"),
  });
  // Until the network is known there is nothing that could be broken, or diagnosed.
  for (const [, element] of parts.switches) element.firstElementChild.disabled = true;
  parts.diagnose.disabled = true;
  const toggles = new Map(parts.switches);
  panel.replaceChildren(
    el("header", {}, el("h2", {}, "Alibaba Cloud, emulated"),
      el("button", { type: "button", class: "quiet", "aria-label": "Close the cloud", click: () => show(false) }, "✕")),
    el("section", {}, el("h3", { id: "cloud-network" }, "Network"), parts.connections, parts.picture, parts.diagnose),
    el("section", {}, el("h3", {}, "Break something"),
      el("p", { class: "soft" }, "Around ", el("code", { id: "cloud-about" }), ":"),
      AROUND.map(([name]) => toggles.get(name)),
      el("p", { class: "soft" }, "In the whole cloud:"),
      EVERYWHERE.map(([name]) => toggles.get(name)),
      el("button", { type: "button", class: "mend", click: () => order("mend", {}) }, "Mend all"),
      parts.status),
    calls.section);
}

function toggle(name, title, says) {
  const id = `cloud-${name}`;
  return el("div", { class: "switch" },
    el("button", { type: "button", role: "switch", id, "aria-checked": "false", "aria-describedby": `${id}-says`, click: () => turn(name) },
      el("span", { class: "knob", "aria-hidden": "true" }), title),
    el("p", { id: `${id}-says`, class: "soft" }, says));
}

// What a person does.

function turn(name) {
  const about = AROUND.some(([one]) => one === name) ? { connection: here.chosen } : {};
  return order("switches", { switch: name, ...about, on: !isOn(name) });
}

async function order(path, body) {
  try {
    here.on = (await ask(`cloud/${path}`, body)).on;
    parts.status.textContent = here.on.length ? `Broken: ${here.on.map(inWords).join(", ")}.` : "Everything is mended.";
    await look();
  } catch (error) {
    parts.status.textContent = error.message;
  }
}

/** Put the command that diagnoses the chosen connection where messages are typed. */
function typeCommand() {
  const { gateway, connection } = chosen();
  const ends = [gateway.vpc_hosts[0], connection.tunnels.flatMap((one) => one.hosts)[0]];
  const asked = [gateway.id, connection.id, ...(ends.every(Boolean) ? ends : []), gateway.region];
  const field = find("text");
  field.value = `/vpn-diagnose ${asked.join(" ")}`;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  if (matchMedia(COVERS_SLACK).matches) show(false);
  field.focus();
}

function choose(id) {
  here.chosen = id;
  render();
}

// What is seen.

const isOn = (name) => here.on.some((one) => one.switch === name && (!one.connection || one.connection === here.chosen));
const inWords = (one) => {
  const [, title] = [...AROUND, ...EVERYWHERE].find(([name]) => name === one.switch);
  return one.connection ? `${title.toLowerCase()} (${one.connection})` : title.toLowerCase();
};
const all = () => here.gateways.flatMap((gateway) => gateway.connections.map((connection) => ({ gateway, connection })));
const chosen = () => all().find(({ connection }) => connection.id === here.chosen);

/** Say in a few words how a connection is; `bad` is for what a diagnosis would call an error, or refuse. */
function stateOf({ gateway, connection }) {
  const tunnel = connection.tunnels.find((one) => one.in_use);
  if (gateway.status !== "active") return ["bad", gateway.status];
  if (tunnel.status !== "ipsec_sa_established") return ["bad", "tunnel down"];
  if (connection.routes_in_the_way.length) return ["bad", "route in the way"];
  if (tunnel.loss_percent > 0) return ["weak", `${tunnel.loss_percent} % lost`];
  if (gateway.diagnosis !== "available") return ["weak", `diagnosis ${gateway.diagnosis}`];
  const down = connection.tunnels.length > 1 && connection.tunnels.some((one) => one.status !== "ipsec_sa_established");
  return down ? ["weak", "one of two tunnels down"] : ["good", "up"];
}

function render() {
  if (!chosen()) here.chosen = all()[0]?.connection.id ?? null;
  patch(parts.connections, all().map((one) => ({
    key: one.connection.id, mark: JSON.stringify([stateOf(one), one.connection.id === here.chosen]), make: () => row(one),
  })));
  for (const [name, element] of parts.switches) {
    element.firstElementChild.setAttribute("aria-checked", String(isOn(name)));
    element.firstElementChild.disabled = !chosen();
  }
  parts.diagnose.disabled = !chosen();
  find("cloud-about").textContent = here.chosen ?? "";
  if (chosen()) parts.picture.replaceChildren(...picture(chosen()));
}

function row(one) {
  const [kind, words] = stateOf(one);
  const { gateway, connection } = one;
  const input = el("input", { type: "radio", name: "cloud-connection", value: connection.id, change: () => choose(connection.id) });
  input.checked = connection.id === here.chosen;
  return el("label", { class: "connection" }, input,
    el("span", {}, el("code", {}, gateway.id), el("br"), el("span", { class: "soft" }, connection.id)),
    el("span", { class: `state ${kind}` }, words));
}

async function look() {
  const [{ gateways }, { on }] = await Promise.all([ask("cloud/overview"), ask("cloud/switches"), parts.calls.look()]);
  const seen = JSON.stringify([gateways, on]);
  if (seen === here.seen) return;
  Object.assign(here, { gateways, on, seen });
  render();
}

async function keepLooking() {
  try {
    if (!document.hidden && !panel.hidden) await look();
  } catch (error) {
    parts.status.textContent = error.message;
  }
  setTimeout(keepLooking, LOOK_EVERY_MS);
}

// The panel itself.

function show(isShown) {
  panel.hidden = !isShown;
  opener.setAttribute("aria-expanded", String(isShown));
  if (!isShown) opener.focus();
  else if (attached) look().catch((error) => { parts.status.textContent = error.message; });
}

const opener = el("button", {
  type: "button", id: "cloud-open", "aria-controls": "cloud", "aria-expanded": "false", click: () => show(panel.hidden),
}, "Cloud");
document.querySelector("main > header").append(opener);
panel.addEventListener("keydown", (event) => {
  if (event.key === "Escape") show(false);
});

attached = (await ask("cloud")).attached;
if (attached) {
  build();
  if (matchMedia(ROOM_FOR_IT).matches) show(true);
  keepLooking();
} else {
  panel.replaceChildren(el("p", { class: "soft" }, "No cloud is attached here. `vpn-diagnose try` runs Slack with one beside it."));
}
