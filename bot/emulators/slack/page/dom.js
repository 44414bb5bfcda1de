// Elements of a page made of what is given: foreign text goes through text nodes alone, never through markup.

/** Make an element with attributes (functions become listeners) and children; strings among them become text. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

/**
 * Bring the children of `parent` in line with `items`, each `{key, mark, make}`.
 * A node stays as long as its key and mark do, so that focus, scrolling and what was typed stay with it.
 */
export function patch(parent, items) {
  const before = new Map([...parent.children].map((node) => [node.patchKey, node]));
  let at = parent.firstElementChild;
  for (const { key, mark, make } of items) {
    const known = before.get(key);
    const node = known && known.patchMark === mark ? known : make(known);
    [node.patchKey, node.patchMark] = [key, mark];
    before.delete(key);
    if (known && known !== node) {
      const hadFocus = known.contains(document.activeElement);
      if (at === known) at = node;
      known.replaceWith(node);
      if (hadFocus) (node.matches("[tabindex]") ? node : node.querySelector("button, a, input, select, textarea"))?.focus();
    }
    if (at === node) at = node.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  for (const node of before.values()) node.remove();
}

export const find = (id) => document.getElementById(id);
