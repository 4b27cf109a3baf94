// Copying: the text beside a button, to the clipboard.

import { announce } from "./dom.js";

const SHOWN = 2000;
const copied = new WeakSet();

/** Copies a text; where the browser keeps pages from the clipboard, it is selected, for Ctrl + C. */
async function copy(button) {
  if (copied.has(button)) return; // it still says what it did
  copied.add(button);
  const text = button.closest("div").querySelector("pre");
  const said = button.firstChild;
  const before = said.data;
  try {
    await navigator.clipboard.writeText(text.textContent);
    said.data = "Copied";
  } catch {
    getSelection().selectAllChildren(text);
    said.data = "Selected";
  }
  announce(`${said.data}: ${button.dataset.copy}`);
  setTimeout(() => {
    said.data = before;
    copied.delete(button);
  }, SHOWN);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) copy(button);
});
