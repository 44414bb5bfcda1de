// The form that is open on top: its fields, its errors, what is sent and how it closes.

import { renderBlocks } from "./blocks.js";
import { el, find, patch } from "./dom.js";
import { fieldOf, valuesOf } from "./fields.js";

/** Forms of the person; `play(path, body)` does as they do, `around` gives `names`, `people`, `channels`. */
export class Forms {
  #view = null;
  #errors = "";

  constructor(play, around) {
    Object.assign(this, { play, around, dialog: find("view") });
    find("view-form").addEventListener("submit", (event) => this.#submit(event));
    find("view-close").addEventListener("click", (event) => this.#close(event));
    this.dialog.addEventListener("cancel", (event) => this.#close(event));
  }

  /** Show the topmost of these views, or none. */
  show(views) {
    const view = views.filter((each) => each.type === "modal").at(-1) ?? null;
    if (!view) return this.#hide();
    const errors = JSON.stringify(view.errors);
    if (this.#view?.id === view.id && this.#view.hash === view.hash && this.#errors === errors) return undefined;
    const isSame = this.#view?.id === view.id;
    const typed = isSame ? stillThere(this.#view, view, valuesOf(find("view-blocks"))) : chosenIn(view);
    [this.#view, this.#errors] = [view, errors];
    this.#fill(view, typed);
    if (!this.dialog.open) this.dialog.showModal();
    const wrong = this.dialog.querySelector("[aria-invalid=true]");
    if (wrong) wrong.focus();
    else if (!isSame || !this.dialog.contains(document.activeElement)) this.#focusFirst();
    return undefined;
  }

  #hide() {
    this.#view = null;
    if (this.dialog.open) this.dialog.close();
  }

  #fill(view, typed) {
    find("view-title").textContent = view.title.text;
    this.#complain("");
    find("view-submit").hidden = !view.submit;
    find("view-submit").textContent = view.submit?.text ?? "";
    find("view-close").textContent = view.close?.text ?? "Close";
    const keepTyping = whatIsTyped();
    patch(find("view-blocks"), view.blocks.map((block) => ({
      key: `${view.id} ${block.block_id}`, mark: JSON.stringify([block, view.errors[block.block_id]]),
      make: () => this.#block(view, block, typed[block.block_id]),
    })));
    keepTyping();
  }

  #block(view, block, typed) {
    const where = (element) => ({ action_id: element.action_id, block_id: block.block_id, view_id: view.id });
    const values = () => valuesOf(find("view-blocks"));
    if (block.type !== "input") {
      const act = (element, _, value, control) => this.#press(element, control, { ...where(element), value, values: values() });
      return el("div", { class: "body" }, renderBlocks([block], this.around.names, act));
    }
    const changed = (element, _, value) => block.dispatch_action && this.#press(element, null, { ...where(element), value, values: values() });
    const suggest = (element, _, text) => this.#suggest(where(element), text);
    return fieldOf(block, { error: view.errors[block.block_id], typed }, { ...this.around.listed(), changed, suggest });
  }

  async #press(element, control, pressed) {
    if (await confirmed(element.confirm)) await this.#busy(control, this.play("click", pressed));
  }

  async #suggest(where, text) {
    const outcome = await this.play("options", { ...where, value: text }, { isQuiet: true });
    if (outcome.shown?.length) throw new Error(outcome.shown.join(" "));
    return outcome.option_groups?.map((group) => ({ label: group.label.text, options: group.options }))
      ?? [{ options: outcome.options ?? [] }];
  }

  async #submit(event) {
    event.preventDefault();
    const sent = this.play("submit", { view_id: this.#view?.id, values: valuesOf(find("view-blocks")) }, { isQuiet: true });
    try {
      const outcome = await this.#busy(find("view-submit"), sent);
      this.#complain((outcome.shown ?? []).join(" "));
    } catch (error) {
      this.#complain(error.message);
    }
  }

  async #busy(control, promise) {
    control?.setAttribute("aria-busy", "true");
    try {
      return await promise;
    } finally {
      control?.removeAttribute("aria-busy");
    }
  }

  #complain(trouble) {
    find("view-trouble").textContent = trouble;
    find("view-trouble").hidden = !trouble;
  }

  #close(event) {
    event.preventDefault();
    if (this.#view) this.play("close", { view_id: this.#view.id });
  }

  #focusFirst() {
    const fields = "input, select, textarea, button";
    (find("view-blocks").querySelector(fields) ?? find("view-close")).focus();
  }
}

/** Remember what is half typed into a menu; the answer puts it into the field that has come in its place. */
function whatIsTyped() {
  const field = document.activeElement;
  if (field?.getAttribute("role") !== "combobox" || !find("view-blocks").contains(field)) return () => undefined;
  const { value, selectionStart, selectionEnd, dataset } = field;
  return () => {
    const next = find("view-blocks").querySelector(`[data-block-id="${CSS.escape(dataset.blockId)}"]`);
    if (next === field || next?.getAttribute("role") !== "combobox") return;
    next.focus();
    const isHalf = next.value !== value;
    next.value = value;
    next.setSelectionRange(selectionStart, selectionEnd);
    if (isHalf) next.dispatchEvent(new Event("input"));
  };
}

/** Of what was typed, what an updated form keeps: fields of the same block_id and action_id. */
function stillThere(before, view, typed) {
  const names = (each) => new Map(each.blocks.map((block) => [block.block_id, block.element?.action_id]));
  const [old, now] = [names(before), names(view)];
  return Object.fromEntries(Object.entries(typed).filter(([block_id]) => old.get(block_id) === now.get(block_id)));
}

/** What stood in the form before this page was opened, by block_id. */
function chosenIn(view) {
  const kept = Object.entries(view.state?.values ?? {}).map(([block_id, elements]) => [block_id, valueOf(Object.values(elements)[0] ?? {})]);
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined && value !== null));
}

function valueOf({ type, ...kept }) {
  const value = Object.values(kept)[0];
  if (type === "external_select") return value;
  if (Array.isArray(value)) return value.map((each) => each.value ?? each);
  return value?.value ?? value;
}

/** Ask before a press that the app wants confirmed (docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object). */
export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  const dialog = find("confirm");
  find("confirm-title").textContent = confirm.title.text;
  find("confirm-text").textContent = confirm.text.text;
  find("confirm-yes").textContent = confirm.confirm.text;
  find("confirm-yes").classList.toggle("danger", confirm.style === "danger");
  find("confirm-no").textContent = confirm.deny.text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
