// The fields of a form: an input block as a labelled control with its hint and error, and what was filled in.

import { combobox } from "./combobox.js";
import { el } from "./dom.js";

let number = 0;

/**
 * Render an input block. `has` is what the form is to hold: `error`, and `typed`, which stood there before.
 * `suggest(element, block, text)` asks the app for options, `changed(element, block, value)` is told of a choice.
 */
export function fieldOf(block, has, around) {
  const id = `field-${number += 1}`;
  const described = [block.hint && `${id}-hint`, has.error && `${id}-error`].filter(Boolean).join(" ");
  const given = {
    id, "aria-describedby": described || null, "aria-invalid": has.error ? "true" : null,
    "aria-required": block.optional ? null : "true", "data-block-id": block.block_id,
  };
  const make = CONTROLS[block.element.type];
  if (!make) return el("p", { class: "unknown" }, `This page does not know the field \`${block.element.type}\``);
  const { shown, control } = make({ element: block.element, block, given, typed: has.typed, around });
  control.valueNow ??= () => control.value;
  if (control.matches("fieldset")) control.setAttribute("aria-labelledby", `${id}-label`);
  return el("div", { class: "field" },
    el("label", { for: id, id: `${id}-label` }, block.label.text, block.optional ? el("span", { class: "optional" }, " (optional)") : null),
    shown ?? control,
    block.hint ? el("p", { class: "hint", id: `${id}-hint` }, block.hint.text) : null,
    has.error ? el("p", { class: "error", id: `${id}-error` }, has.error) : null);
}

/** Read all fields: values by block_id, as POST /_emulator/submit takes them. */
export function valuesOf(form) {
  return Object.fromEntries([...form.querySelectorAll("[data-block-id]")].map((control) =>
    [control.dataset.blockId, control.valueNow()]));
}

const typedAs = (type) => (field) => textInput(field, type);

const CONTROLS = {
  plain_text_input: typedAs("text"),
  email_text_input: typedAs("email"),
  url_text_input: typedAs("url"),
  number_input: typedAs("text"),
  datepicker: typedAs("date"),
  timepicker: typedAs("time"),
  static_select: (field) => select(field),
  multi_static_select: (field) => select(field, { multiple: true }),
  users_select: (field) => select(listed(field, field.around.people, "initial_user")),
  conversations_select: (field) => select(listed(field, field.around.channels, "initial_conversation")),
  channels_select: (field) => select(listed(field, field.around.channels, "initial_channel")),
  external_select: externalSelect,
  radio_buttons: (field) => choices(field, "radio"),
  checkboxes: (field) => choices(field, "checkbox"),
};

const INITIAL = { datepicker: "initial_date", timepicker: "initial_time" };

function textInput({ element, block, given, typed, around }, type) {
  const control = el(element.multiline ? "textarea" : "input", {
    ...given, type: element.multiline ? null : type, placeholder: element.placeholder?.text, autocomplete: "off",
    spellcheck: "false", rows: element.multiline ? 4 : null, inputmode: element.type === "number_input" ? "decimal" : null,
  });
  control.value = typed ?? element[INITIAL[element.type] ?? "initial_value"] ?? "";
  if (INITIAL[element.type]) control.addEventListener("change", () => around.changed(element, block, control.value));
  return { control };
}

/** People and channels are the workspace's, the app only asks for one of them. */
function listed(field, all, initial) {
  const options = [...all].map(([value, text]) => ({ value, text: { text } }));
  const chosen = options.find((option) => option.value === field.element[initial]);
  return { ...field, element: { ...field.element, options, initial_option: chosen } };
}

function select({ element, block, given, typed, around }, more = {}) {
  const chosen = typed ?? (element.initial_options ?? [element.initial_option]).map((option) => option?.value);
  const control = el("select", { ...given, ...more, change: () => around.changed(element, block, control.valueNow()) },
    more.multiple ? null : el("option", { value: "" }, element.placeholder?.text ?? "Choose…"), options(element, chosen));
  control.valueNow = () => more.multiple ? [...control.selectedOptions].map((option) => option.value) : control.value;
  return { control };
}

/** Render the options of a menu, in their groups if it has them. */
export function options(element, chosen) {
  const all = [chosen].flat();
  const one = (option) => el("option", { value: option.value, selected: all.includes(option.value) }, option.text.text);
  if (!element.option_groups) return (element.options ?? []).map(one);
  return element.option_groups.map((group) => el("optgroup", { label: group.label.text }, group.options.map(one)));
}

/** Its value is the option that was taken, as the app gave it; text that was only typed chooses nothing. */
function externalSelect({ element, block, given, typed, around }) {
  let option = typed ?? element.initial_option ?? null;
  const control = el("input", { ...given, type: "text", spellcheck: "false", placeholder: element.placeholder?.text ?? "Choose…" });
  control.valueNow = () => option;
  const show = () => { control.value = option?.text.text ?? ""; };
  const take = (taken) => { option = taken?.option ?? null; show(); around.changed(element, block, option); };
  const { list } = combobox(control, {
    label: block.label?.text ?? "Options", waits: true, take, empty: "No results",
    suggest: async () => (await around.suggest(element, block, option?.text.text === control.value ? "" : control.value))
      .map((group) => ({ ...group, options: group.options.map(offered) })),
  });
  control.addEventListener("focus", () => control.select());
  control.addEventListener("blur", () => { if (!control.value && option) take(null); else show(); });
  show();
  return { control, shown: el("div", { class: "combobox" }, control, list) };
}

const offered = (option) => ({ text: option.text.text, note: option.description?.text, option });

function choices({ element, block, given, typed, around }, type) {
  const before = (element.initial_options ?? [element.initial_option]).map((option) => option?.value);
  const chosen = [typed ?? before].flat();
  const control = el("fieldset", { ...given, class: "choices", change: () => around.changed(element, block, control.valueNow()) },
    element.options.map((option) => el("label", {},
      el("input", { type, name: given.id, value: option.value, checked: chosen.includes(option.value) }),
      el("span", {}, option.text.text, option.description ? el("span", { class: "note" }, option.description.text) : null))));
  control.valueNow = () => {
    const all = [...control.querySelectorAll("input:checked")].map((box) => box.value);
    return type === "radio" ? all[0] ?? null : all;
  };
  return { control };
}
