// A menu that opens from a button: the menu button of the ARIA Authoring Practices, in the browser's top layer.

import { el } from "./dom.js";

/** Open a menu below `button` with `items`, each `{content, chosen?, choose}`; Esc and a press elsewhere close it. */
export function openMenu(button, items, label) {
  const one = (item) => el("button", {
    type: "button", role: item.chosen === undefined ? "menuitem" : "menuitemradio", tabindex: "-1",
    "aria-checked": item.chosen === undefined ? null : String(item.chosen),
    click: () => { menu.hidePopover(); item.choose(); },
  }, item.content);
  const menu = el("div", { class: "menu", role: "menu", popover: "auto", "aria-label": label, keydown: onKey }, items.map(one));
  menu.addEventListener("toggle", (event) => {
    button.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "closed") menu.remove();
  });
  document.body.append(menu);
  menu.showPopover();
  place(menu, button);
  (menu.querySelector("[aria-checked=true]") ?? menu.firstElementChild)?.focus();

  function onKey(event) {
    const all = [...menu.children];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Tab") { menu.hidePopover(); button.focus(); }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); menu.hidePopover(); button.focus(); }
    if (to === undefined) return;
    event.preventDefault();
    all[to % all.length].focus();
  }
}

function place(menu, button) {
  const at = button.getBoundingClientRect();
  const [width, height] = [menu.offsetWidth, menu.offsetHeight];
  const below = at.bottom + height + 8 < innerHeight;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`;
}
