// What a person thinks of an answer: a thumb, taken back by a second click, and a comment beside it.

import { call, threadPath } from "./api.js";
import { currentThread } from "./conversations.js";
import { Failure, announce } from "./dom.js";
import { toast } from "./toast.js";

function verdictOf(form) {
  return form.querySelector("[aria-pressed=true]")?.name ?? null;
}

async function keep(form, verdict, comment) {
  const number = form.closest(".turn").id.replace("answer-", "");
  let kept;
  try {
    kept = await call(threadPath(currentThread(), `/answers/${number}/feedback`), "PUT", { verdict, comment });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    toast(error.message);
    return false;
  }
  for (const button of form.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", String(button.name === kept.verdict));
  form.querySelector(".comment").hidden = kept.verdict === null;
  form.elements.comment.value = kept.comment;
  return true;
}

/** Says on the button, until something else is written, that the comment is kept. */
function tellSaved(button) {
  button.textContent = "Saved";
  button.form.addEventListener("input", () => (button.textContent = "Save"), { once: true });
}

document.addEventListener("click", async (event) => {
  const thumb = event.target.closest?.(".feedback [aria-pressed]");
  if (!thumb) return;
  const form = thumb.closest("form");
  const verdict = thumb.name === verdictOf(form) ? null : thumb.name;
  if (!(await keep(form, verdict, form.elements.comment.value))) return;
  announce(verdict ? "Kept. You may add a comment." : "Taken back.");
});

document.addEventListener("submit", async (event) => {
  if (!event.target.matches(".feedback")) return;
  event.preventDefault();
  const form = event.target;
  if (!(await keep(form, verdictOf(form), form.elements.comment.value))) return;
  announce("Comment kept.");
  tellSaved(form.querySelector("[type=submit]"));
});
