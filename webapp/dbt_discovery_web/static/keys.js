// Keys: what the keyboard does on every page, and the dialog that tells it.

const dialog = document.querySelector("#keys");
const FIELDS = ["[data-key='/']", "main textarea", "main input[type=search]"]; // the question before a table's filter

/** Whether keys are letters here, and no commands. */
function isWriting(target) {
  return target.isContentEditable || target.matches("input, textarea, select");
}

function show() {
  if (!dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.(".tool.keys")) show();
  else if (event.target === dialog) dialog.close(); // beside it
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isWriting(event.target)) return;
  if (event.key === "?") show();
  else if (event.key === "/" && !dialog.open) {
    const field = FIELDS.map((each) => document.querySelector(each)).find(Boolean);
    if (!field) return;
    field.focus();
  } else return;
  event.preventDefault();
});
