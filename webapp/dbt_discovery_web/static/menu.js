// The menu of reports: `/` in the field lists them, as a list below a text field that keeps the focus.

import { announce, plural } from "./dom.js";

const field = document.querySelector("#message");
const menu = document.querySelector("#reports");
const hint = document.querySelector("#hint span");
const usual = hint.textContent;
const options = [...menu.querySelectorAll("[role=option]")];

let chosen = null;

/** The word after a slash that is being written; null where none is. */
function begun() {
  const before = field.value.slice(0, field.selectionStart);
  return before === field.value ? (/^\/([\w-]*)$/.exec(before)?.[1] ?? null) : null;
}

function choose(option) {
  chosen?.setAttribute("aria-selected", "false");
  chosen = option;
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function closeMenu() {
  menu.hidden = true;
  choose(null);
}

/** Shows the reports whose name or summary holds what stands after the slash. */
function show() {
  const word = begun()?.toLowerCase().replaceAll("-", "_");
  if (word === undefined) return closeMenu();
  const matching = options.filter((option) => option.dataset.name.includes(word));
  matching.sort((a, b) => a.dataset.name.startsWith(word) ? (b.dataset.name.startsWith(word) ? 0 : -1) : 1);
  const exact = matching.length === 1 && matching[0].dataset.name === word;
  const opens = menu.hidden;
  menu.replaceChildren(...matching);
  menu.hidden = !matching.length || exact;
  choose(menu.hidden ? null : matching[0]);
  if (!menu.hidden && opens) announce(`${plural(matching.length, "report")}. Arrow keys choose, Enter takes.`);
}

/** Says which arguments a report may be given, once its name stands in the field. */
function tell() {
  const name = /^\/([\w-]+)\s/.exec(field.value)?.[1]?.replaceAll("-", "_");
  const option = options.find((each) => each.dataset.name === name);
  hint.textContent = option ? `Arguments follow as name=value${option.dataset.suchAs ? `, such as ${option.dataset.suchAs}` : ""}` : usual;
}

function take(option) {
  field.value = `/${option.dataset.name} `;
  closeMenu();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Handles a key while the menu is open; whether it did. */
export function menuKey(event) {
  if (menu.hidden) return false;
  const shown = [...menu.children];
  const at = shown.indexOf(chosen);
  if (event.key === "ArrowDown") choose(shown[(at + 1) % shown.length]);
  else if (event.key === "ArrowUp") choose(shown[(at - 1 + shown.length) % shown.length]);
  else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") take(chosen);
  else if (event.key === "Escape") closeMenu();
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}

field.addEventListener("input", () => {
  show();
  tell();
});
field.addEventListener("blur", closeMenu);
menu.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
menu.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) take(option);
});
