// A text field with a list of suggestions: the combobox of the ARIA Authoring Practices 1.2, list autocomplete.

import { el } from "./dom.js";

const ASKS_AFTER_MS = 150;

/**
 * Make of `input` a combobox; its list goes into the page as `list`, which the caller puts beside it.
 * `suggest(text)` gives, or promises, groups `[{label?, options: [{text, note?, taken}]}]`, or null for no list at all.
 * `take(option)` is told what was chosen. With `waits` it says that it loads, and asks not at every key.
 */
export function combobox(input, { suggest, take, waits = false, empty = "No results", label = "Suggestions" }) {
  const id = `${input.id}-list`;
  const list = el("div", { id, class: "suggestions", role: "listbox", "aria-label": label, hidden: true });
  let [active, asked, timer] = [-1, 0, 0];
  const given = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off" };
  for (const [name, value] of Object.entries(given)) input.setAttribute(name, value);

  const all = () => [...list.querySelectorAll("[role=option]")];
  const isOpen = () => !list.hidden;
  /** Whether the whole of what is chosen was typed: Enter then has nothing to complete. */
  const isTyped = () => !waits && all()[active]?.firstChild.textContent === input.value;

  function show(nodes) {
    list.replaceChildren(...nodes);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    move(-1);
  }

  function close() {
    asked += 1;
    clearTimeout(timer);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function move(to) {
    const options = all();
    active = options.length ? Math.max(-1, Math.min(to, options.length - 1)) : -1;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === active)));
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[active].id);
    return options[active].scrollIntoView({ block: "nearest" });
  }

  async function open() {
    const number = asked += 1;
    const answer = suggest(input.value);
    if (answer instanceof Promise) show([el("p", { role: "status", class: "loading" }, "Loading…")]);
    let groups;
    try {
      groups = await answer;
    } catch (error) {
      if (number === asked) show([el("p", { role: "alert", class: "error" }, error.message)]);
      return;
    }
    if (number !== asked) return;
    if (groups === null) return close();
    show(groups.some((group) => group.options.length) ? groups.map(group) : [el("p", { role: "status" }, empty)]);
    if (!waits && all().length) move(0);
  }

  function group({ label: name, options }, index) {
    const nodes = options.map((option, number) => el("div", {
      role: "option", id: `${id}-${index}-${number}`, "aria-selected": "false",
      pointerdown: (event) => { event.preventDefault(); close(); take(option); },
    }, el("span", {}, option.text), option.note ? el("span", { class: "note" }, option.note) : null));
    if (!name) return nodes.length === 1 ? nodes[0] : el("div", { role: "presentation" }, nodes);
    return el("div", { role: "group", "aria-labelledby": `${id}-${index}` },
      el("div", { id: `${id}-${index}`, class: "group-label" }, name), nodes);
  }

  const wait = () => { clearTimeout(timer); timer = setTimeout(open, waits ? ASKS_AFTER_MS : 0); };

  function keydown(event) {
    if (event.isComposing) return;
    if (isOpen() && event.key === "Enter" && isTyped()) return close();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && (isOpen() || waits)) {
      event.preventDefault();
      if (isOpen()) move(active + step); else open();
    } else if (isOpen() && active >= 0 && (event.key === "Enter" || (event.key === "Tab" && !waits && !event.shiftKey))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      all()[active].dispatchEvent(new PointerEvent("pointerdown", { cancelable: true }));
    } else if (isOpen() && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }

  input.addEventListener("input", wait);
  input.addEventListener("keydown", keydown);
  input.addEventListener("blur", close);
  if (waits) input.addEventListener("click", () => { if (!isOpen()) open(); });
  return { list, close };
}
