// The side of the page: who one acts as, the channels that they are in, and the app.

import { el, find, patch } from "./dom.js";
import { openMenu } from "./menu.js";
import { hueOf, initials, markOf } from "./messages.js";

/** Show people and places; `choose` has `person(id)`, `channel(id)` and `app()`; `place` is where one is. */
export function showSidebar(workspace, me, place, unread, choose) {
  find("workspace").textContent = workspace.team;
  showPerson(workspace, me, choose);
  const mine = workspace.channels.filter((each) => each.members.includes(me.id) && !each.with_user);
  patch(find("channels"), mine.map((each) => entry(each.id, label(each), hintOf(each), each.id === place.channel, unread.has(each.id), () => choose.channel(each.id))));
  const isApp = place.channel === directOf(me);
  patch(find("apps"), [entry("app", "⚡ vpn-diagnose", "", isApp, unread.has(directOf(me)), choose.app)]);
}

/** The direct message with the bot has its ID from the person's, see bot/emulators/slack/rooms.py. */
export const directOf = (person) => `D${person.id.slice(1)}`;

export const label = (channel) => `${channel.is_private ? "🔒" : "#"} ${channel.name}`;

export const hintOf = (channel) => [
  channel.is_private && "private", channel.is_archived && "archived", channel.is_ext_shared && "shared with another company",
].filter(Boolean).join(", ");

function entry(key, text, hint, isHere, isUnread, choose) {
  return {
    key, mark: [text, hint, isHere, isUnread].join("|"),
    make: () => el("li", {}, el("button", { type: "button", class: isUnread ? "unread" : null, "aria-current": isHere ? "page" : null, title: hint || null, click: choose },
      el("span", { class: "name" }, text), hint ? el("span", { class: "note" }, ` ${hint}`) : null, isUnread ? el("span", { class: "dot" }, el("span", { class: "hidden" }, "unread")) : null)),
  };
}

function showPerson(workspace, me, choose) {
  const button = find("person");
  if (button.dataset.person !== me.id) {
    button.dataset.person = me.id;
    button.setAttribute("aria-label", `You are ${me.real_name}, ${me.note}. Act as somebody else`);
    button.replaceChildren(...faceOf(me));
  }
  const persons = workspace.people.filter((each) => !each.is_bot && !each.deleted && each.id !== "USLACKBOT");
  button.disabled = false;
  button.onclick = () => openMenu(button, persons.map((each) => ({
    content: faceOf(each), chosen: each.id === me.id, choose: () => { choose.person(each.id); button.focus(); },
  })), "Act as");
}

const faceOf = (person) => [
  el("span", { class: `avatar hue-${hueOf(person.id)}`, "aria-hidden": "true" }, initials(person.real_name)),
  el("span", { class: "face" }, el("strong", {}, person.real_name), el("span", { class: "note" }, person.note || markOf(person)?.toLowerCase() || "")),
];
