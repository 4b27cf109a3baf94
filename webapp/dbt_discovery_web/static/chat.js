// The chat: asks, shows what comes back, and keeps the list of conversations.

import { elapsed, element, plural, reportFigure } from "./report.js";
import { eventsOf } from "./stream.js";

const conversation = document.querySelector("#conversation");
const form = document.querySelector("#ask");
const message = document.querySelector("#message");
const send = form.querySelector("button");
const status = document.querySelector("#status");
const threads = document.querySelector("#threads");
const narrow = window.matchMedia("(max-width: 56rem)");

let thread = document.body.dataset.thread ?? null;
let waiting = false;

const WORKING = "Working it out…";

class Failure extends Error {}

/** The JSON a path answers; a problem is thrown as its sentence. */
async function call(path, options = {}) {
  const response = await reach(path, options);
  if (response.status === 204) return null;
  return bodyOf(response);
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Failure("The server does not answer. Is it still running?");
  }
}

async function bodyOf(response) {
  const body = await response.json().catch(() => null);
  if (!response.ok || body === null) {
    throw new Failure(body?.detail ?? `The server answered with an error (${response.status}).`);
  }
  return body;
}

/** The answer to a question; how far it has come, and its words, are shown meanwhile, where the server tells of them. */
async function answerTo(question, show, write) {
  const response = await reach("/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream, application/json" },
    body: JSON.stringify(question),
  });
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) return bodyOf(response);
  try {
    for await (const { name, data } of eventsOf(response)) {
      if (name === "done") return data;
      if (name === "error") throw new Failure(data.detail);
      if (name === "progress") show(progress(data));
      if (name === "tool_end") show(WORKING);
      if (name === "token") write(data.text);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
  }
  throw new Failure("The connection broke off before the answer was there.");
}

/** How far a fetch has come: `runs: 4,200 of 10,000 runs`. */
function progress({ what, unit, done, total }) {
  const counted = total === null ? plural(done, unit) : `${done.toLocaleString("en")} of ${plural(total, unit)}`;
  return `${what[0].toUpperCase()}${what.slice(1)}: ${counted}`;
}

function drawQuestion(text) {
  document.querySelector("#welcome")?.remove();
  const turn = element("article", { class: "turn" }, element("h2", { class: "question" }, text));
  conversation.append(turn);
  return turn;
}

/** Shows words while they are written: a text node for each piece, a paragraph after each empty line. */
function drawWriting(working) {
  const prose = element("div", { class: "prose" });
  return (text) => {
    if (!prose.isConnected) working.before(element("div", { class: "answer writing" }, prose));
    for (const [at, piece] of text.split(/\n\s*\n/).entries()) {
      const last = prose.lastElementChild;
      if (!last) prose.append(element("p", { class: "lead" }, piece));
      else if (at > 0) prose.append(element("p", {}, piece));
      else last.append(piece);
    }
  };
}

function drawAnswer(turn, answer) {
  const paragraphs = answer.content.split(/\n\s*\n/).filter((text) => text.trim());
  // Findings stand out; caveats before them and readings after them do not. A model in its own words leads with one.
  const findings = new Set(answer.reports.map((report) => report.finding));
  const found = paragraphs.map((text) => findings.has(text.trim()));
  if (!found.includes(true)) found[0] = true;
  const lines = paragraphs.map((text, at) => element("p", found[at] ? { class: "lead" } : {}, text.trim()));
  const prose = element("div", { class: "prose" }, ...lines);
  turn.append(element("div", { class: "answer" }, prose, ...answer.reports.map((report) => reportFigure(report, another)), howComputed(answer)));
}

/** The report at a path; a problem is said where screen readers and people find it. */
async function another(path) {
  try {
    return await call(path);
  } catch (error) {
    toast(error.message);
    return null;
  }
}

function howComputed(answer) {
  const calls = answer.tool_calls.map((made) => {
    const time = element("td", { class: "number", title: `${made.seconds} seconds` }, elapsed(made.seconds));
    const rows = made.rows === null ? "no answer" : plural(made.rows, "row");
    const given = Object.entries(made.args).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, element("code", {}, made.name)),
      element("td", { class: "wrap" }, element("code", {}, given.join(", ") || "no arguments")),
      time,
      element("td", { class: "number" }, rows),
    );
  });
  const heads = ["Tool", "Arguments", "Time", "Rows"].map((label, index) =>
    element("th", { scope: "col", class: index > 1 ? "number" : "text" }, label),
  );
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...calls));
  const region = { class: "scroll", tabindex: "0", role: "region", "aria-label": "Tools used" };
  const tokens = answer.usage.total_tokens ? `, ${plural(answer.usage.total_tokens, "token")}` : "";
  const links = answer.reports.flatMap((report) => [" ", element("a", { href: report.path }, `${report.title} as JSON`)]);
  return element(
    "details",
    { class: "how" },
    element("summary", {}, calls.length ? `How this was computed: ${plural(calls.length, "tool call")}` : "No tools used"),
    calls.length ? element("div", region, table) : null,
    element("p", { class: "quiet" }, `Worded by ${answer.model}${tokens}.`, ...links),
  );
}

function drawFailure(turn, sentence, retry) {
  const again = element("button", { type: "button", class: "button" }, "Try again");
  const failure = element("div", { class: "failure", role: "alert" }, element("p", {}, sentence), again);
  again.addEventListener("click", () => {
    failure.remove();
    retry();
  });
  turn.append(failure);
}

async function ask(text, turn = drawQuestion(text)) {
  setWaiting(true);
  turn.querySelector(".writing")?.remove(); // what was written of an answer that broke off
  const said = document.createTextNode(WORKING);
  const working = element("p", { class: "working" }, element("span", { "aria-hidden": "true" }), said);
  turn.append(working);
  turn.scrollIntoView({ block: "start" });
  status.textContent = WORKING;
  try {
    const question = thread ? { message: text, thread_id: thread } : { message: text };
    const answer = await answerTo(question, (words) => (said.data = words), drawWriting(working));
    working.remove();
    turn.querySelector(".writing")?.remove();
    drawAnswer(turn, { ...answer, content: answer.answer });
    settleThread(answer.thread_id, text);
    status.textContent = `Answer: ${answer.answer}`;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    working.remove();
    status.textContent = "";
    drawFailure(turn, error.message, () => ask(text, turn));
  } finally {
    setWaiting(false);
    message.focus({ preventScroll: true });
  }
}

function toast(sentence) {
  const shown = element("p", { class: "toast", role: "alert" }, sentence);
  document.body.append(shown);
  setTimeout(() => shown.remove(), 8000);
}

function setWaiting(now) {
  waiting = now;
  send.disabled = now;
  conversation.setAttribute("aria-busy", String(now));
}

/** Puts the thread of the last answer on top of the list, and into the address. */
function settleThread(id, text) {
  let item = threads.querySelector(`[data-thread="${CSS.escape(id)}"]`);
  if (!item) {
    const title = text.replace(/\s+/g, " ");
    const shown = title.length <= 80 ? title : `${title.slice(0, 79).trimEnd()}…`;
    const anchor = element("a", { href: `/chat?thread=${encodeURIComponent(id)}`, "aria-current": "page" }, shown);
    const label = { "aria-label": `Delete conversation: ${shown}`, title: "Delete" };
    const forget = element("button", { type: "button", class: "forget", ...label }, "×");
    item = element("li", { "data-thread": id }, anchor, forget);
  }
  threads.prepend(item);
  if (thread !== id) history.replaceState(null, "", `/chat?thread=${encodeURIComponent(id)}`);
  thread = id;
}

async function forget(item) {
  const id = item.dataset.thread;
  if (!window.confirm(`Delete “${item.querySelector("a").textContent}”?`)) return;
  try {
    await call(`/chat/threads/${encodeURIComponent(id)}`, { method: "DELETE" });
  } catch (error) {
    toast(error.message);
    return;
  }
  if (id === thread) window.location.assign("/chat");
  else item.remove();
}

async function load() {
  const loading = document.querySelector("#loading");
  try {
    const { messages } = await call(`/chat/threads/${encodeURIComponent(thread)}`);
    loading.remove();
    for (let at = 0; at < messages.length; at += 2) drawAnswer(drawQuestion(messages[at].content), messages[at + 1]);
    conversation.lastElementChild?.scrollIntoView({ block: "start" });
  } catch (error) {
    loading.textContent = error.message;
  }
}

function fit() {
  message.style.setProperty("height", "auto");
  message.style.setProperty("height", `${message.scrollHeight}px`);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = message.value.trim();
  if (!text || waiting) return;
  message.value = "";
  fit();
  ask(text);
});

message.addEventListener("input", fit);
message.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

conversation.addEventListener("click", (event) => {
  const starter = event.target.closest(".starter");
  if (starter && !waiting) ask(starter.textContent.trim());
});

threads.addEventListener("click", (event) => {
  const pressed = event.target.closest(".forget");
  if (pressed) forget(pressed.closest("li"));
});

document.querySelector(".drawer").open = !narrow.matches;
if (thread) load();
