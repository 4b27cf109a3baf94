// The list of conversations: searched, renamed and deleted in place, with the one that goes on at its top.

import { call, threadPath } from "./api.js";
import { Failure, announce, element, plural } from "./dom.js";
import { toast } from "./toast.js";
import { icon } from "./turn.js";

const list = document.querySelector("#threads");
const find = document.querySelector("#find");
const found = document.querySelector("#found");
const head = document.querySelector(".thread-head");
const latest = found.textContent;
const more = !found.hidden;
const titleLength = Number(list.dataset.titleLength);

const PENCIL = "M4 20h4L19 9l-4-4L4 16zM13 7l4 4";
const CROSS = "M6 6l12 12M18 6L6 18";

/** The thread that the page shows; null before its first question. */
export function currentThread() {
  return document.body.dataset.thread ?? null;
}

function item({ thread_id: id, title }) {
  const current = id === currentThread() ? "page" : null;
  const tool = (kind, what, path) =>
    element("button", { type: "button", class: kind, "aria-label": `${what} conversation: ${title}`, title: what }, icon(path));
  return element(
    "li",
    { "data-thread": id },
    element("a", { href: `/chat?thread=${encodeURIComponent(id)}`, "aria-current": current, title }, title),
    tool("rename", "Rename", PENCIL),
    tool("forget", "Delete", CROSS),
  );
}

function itemOf(id) {
  return list.querySelector(`[data-thread="${CSS.escape(id)}"]`);
}

function titled(question) {
  const line = question.trim().replace(/\s+/g, " ");
  return line.length <= titleLength ? line : `${line.slice(0, titleLength - 1).trimEnd()}…`;
}

/** Makes a thread the one of the page, and puts it on top of the list and into the address.
 *  A thread that is named after a question gets another name with the one that takes its place. */
export function settleOn(id, question, instead = null) {
  if (currentThread() !== id) history.replaceState(null, "", `/chat?thread=${encodeURIComponent(id)}`);
  document.body.dataset.thread = id;
  const renamed = instead !== null && !head.hidden && head.querySelector("h1").textContent === titled(instead);
  if (renamed) itemOf(id)?.remove();
  list.prepend(itemOf(id) ?? item({ thread_id: id, title: titled(question) }));
  if (head.hidden || renamed) showTitle(id, titled(question));
}

function showTitle(id, title) {
  head.hidden = false;
  head.querySelector("h1").textContent = title;
  head.querySelector("a").href = `/read/${encodeURIComponent(id)}`;
  document.title = `${title} · dbt Discovery`;
}

/** Leaves a thread that came to nothing; its question stands in the field when the page is loaded again. */
export function leaveThread(id, question) {
  itemOf(id)?.remove();
  delete document.body.dataset.thread;
  head.hidden = true;
  history.replaceState(null, "", `/chat?q=${encodeURIComponent(question)}`);
}

async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    toast(error.message);
    return null;
  }
}

async function forget(row) {
  const id = row.dataset.thread;
  if (!window.confirm(`Delete “${row.querySelector("a").textContent}”?`)) return;
  if ((await attempt(() => call(threadPath(id), "DELETE"))) === null) return;
  if (id === currentThread()) window.location.assign("/chat");
  else {
    const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("a") ?? find;
    row.remove();
    next.focus();
  }
}

/** Lets a title be written anew in its place: Enter keeps it, Escape does not. */
function rename(row) {
  const link = row.querySelector("a");
  const field = element("input", { type: "text", value: link.textContent, maxlength: titleLength, "aria-label": "Title", autocomplete: "off" });
  const form = element("form", { class: "renaming" }, field);
  const done = (shown) => {
    form.replaceWith(shown);
    shown.focus();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const title = field.value.trim();
    if (!title || title === link.textContent) return done(link);
    const kept = await attempt(() => call(threadPath(row.dataset.thread), "PATCH", { title }));
    if (!kept) return done(link);
    const renamed = item(kept);
    row.replaceWith(renamed);
    renamed.querySelector("a").focus();
    if (kept.thread_id === currentThread()) showTitle(kept.thread_id, kept.title);
    announce(`Renamed to ${kept.title}`);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    done(link);
  });
  field.addEventListener("blur", () => form.isConnected && form.replaceWith(link));
  link.replaceWith(form);
  field.select();
}

let asked = 0;

/** Shows the threads that hold every word of the search field. */
async function search() {
  const words = find.value.trim();
  const mine = ++asked;
  const answer = await attempt(() => call(`/chat/threads?q=${encodeURIComponent(words)}`));
  if (!answer || mine !== asked) return; // another search began meanwhile
  list.replaceChildren(...answer.items.map(item));
  found.hidden = !words && !more;
  found.textContent = words ? `${plural(answer.total, "conversation")} found` : latest;
  if (words) announce(found.textContent);
}

let pause;
find.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(search, 200);
});

list.addEventListener("click", (event) => {
  const row = event.target.closest("li");
  if (event.target.closest(".forget")) forget(row);
  else if (event.target.closest(".rename")) rename(row);
});

const narrow = window.matchMedia("(max-width: 56rem)");
document.querySelector(".drawer").open = !narrow.matches;
narrow.addEventListener("change", () => (document.querySelector(".drawer").open = !narrow.matches));
