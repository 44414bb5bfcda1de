// Where people type: messages, mentions of the bot, and slash commands with their completion.

import { combobox } from "./combobox.js";

/**
 * Let `form` with its textarea send. `around` gives `app()`, and `command(name, text)`, `mention(text)`, `say(text)`;
 * each promises whether it was taken, else the text comes back.
 */
export function composer(form, around) {
  const text = form.querySelector("textarea");
  const { list } = combobox(text, {
    label: "Commands", suggest: (typed) => completions(typed, around.app()),
    take: (option) => { text.value = option.fill; grow(); text.focus(); },
  });
  form.append(list);
  const grow = () => { text.rows = Math.min(8, text.value.split("\n").length); };
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = text.value.trim();
    if (!typed) return;
    text.value = "";
    grow();
    if (!await send(typed, around) && !text.value) text.value = typed;
  });
}

function send(typed, around) {
  const [word] = typed.split(/\s/, 1);
  const rest = typed.slice(word.length).trim();
  if (typed.startsWith("/")) return around.command(word, rest);
  return word === "@vpn-diagnose" ? around.mention(escaped(rest)) : around.say(escaped(typed));
}

/** Slack's client escapes what people type (docs.slack.dev/messaging/formatting-message-text#escaping). */
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function completions(typed, app) {
  if (!/^[/@]\S*$/.test(typed)) return null;
  const all = typed.startsWith("/")
    ? app.commands.map((name) => ({ text: name, note: app.usage[name] ?? "", fill: `${name} ` }))
    : [{ text: "@vpn-diagnose", note: "mention the app", fill: "@vpn-diagnose " }];
  const fitting = all.filter((each) => each.text.startsWith(typed));
  return fitting.length ? [{ options: fitting }] : null;
}
