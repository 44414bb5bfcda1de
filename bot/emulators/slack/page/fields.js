// The fields of a form: an input block as a labelled control with its hint and error, and what was filled in.

import { el, options } from "./blocks.js";

let number = 0;

/** Render an input block. `typed` is what stood there before; `suggest(element, text)` asks the app for options. */
export function fieldOf(block, error, typed, suggest) {
  const id = `field-${number += 1}`;
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const attributes = { id, "aria-describedby": described || null, "aria-invalid": error ? "true" : null };
  const control = (CONTROLS[block.element.type] ?? textInput)(block.element, attributes, typed, suggest);
  control.dataset.blockId = block.block_id;
  if (control.matches("fieldset")) control.setAttribute("aria-label", block.label.text);
  return el("div", { class: "field" },
    el("label", { for: id }, block.label.text, block.optional ? el("span", { class: "optional" }, " (optional)") : null),
    control,
    block.element.type === "external_select" ? el("datalist", { id: `${id}-options` }) : null,
    block.hint ? el("p", { class: "hint", id: `${id}-hint` }, block.hint.text) : null,
    error ? el("p", { class: "error", id: `${id}-error` }, error) : null);
}

/** Read all fields: values by block_id, as POST /_emulator/submit takes them. */
export function valuesOf(form) {
  const values = {};
  for (const control of form.querySelectorAll("[data-block-id]")) values[control.dataset.blockId] = valueOf(control);
  return values;
}

function valueOf(control) {
  if (control.matches("fieldset")) {
    const chosen = [...control.querySelectorAll("input:checked")].map((box) => box.value);
    return control.dataset.single ? chosen[0] ?? null : chosen;
  }
  return control.multiple ? [...control.selectedOptions].map((option) => option.value) : control.value;
}

const CONTROLS = {
  plain_text_input: textInput,
  static_select: select,
  multi_static_select: (element, attributes, typed) => select(element, { ...attributes, multiple: true }, typed),
  external_select: externalSelect,
  radio_buttons: (element, attributes, typed) => choices(element, attributes, typed, "radio"),
  checkboxes: (element, attributes, typed) => choices(element, attributes, typed, "checkbox"),
};

function textInput(element, attributes, typed) {
  const given = { ...attributes, placeholder: element.placeholder?.text, autocomplete: "off", spellcheck: "false" };
  const control = el(element.multiline ? "textarea" : "input", given);
  control.value = typed ?? element.initial_value ?? "";
  return control;
}

function select(element, attributes, typed) {
  const chosen = typed ?? element.initial_option?.value;
  return el("select", attributes, el("option", { value: "" }, element.placeholder?.text ?? "…"), options(element, chosen));
}

function externalSelect(element, attributes, typed, suggest) {
  const control = textInput(element, { ...attributes, list: `${attributes.id}-options` }, typed ?? element.initial_option?.value);
  control.addEventListener("input", async () => {
    const outcome = await suggest(element, control.value);
    control.list?.replaceChildren(...options({ options: outcome?.options ?? [] }));
  });
  return control;
}

function choices(element, attributes, typed, type) {
  const before = (element.initial_options ?? [element.initial_option]).map((option) => option?.value);
  const chosen = [typed ?? before].flat();
  return el("fieldset", { ...attributes, class: "choices", "data-single": type === "radio" && "yes" }, element.options.map((option) =>
    el("label", {}, el("input", { type, name: attributes.id, value: option.value, checked: chosen.includes(option.value) }), ` ${option.text.text}`)));
}
