// The chat: asks, goes on with an answer after a reload, stops, asks again, and asks in other words.

import "./feedback.js";
import { bodyOf, call, reach, threadPath } from "./api.js";
import { currentThread, leaveThread, settleOn } from "./conversations.js";
import { Failure, announce, fetchPiece } from "./dom.js";
import { menuKey } from "./menu.js";
import { eventsOf } from "./stream.js";
import { toast } from "./toast.js";
import { Turn, WORKING } from "./turn.js";

const conversation = document.querySelector("#conversation");
const form = document.querySelector("#ask");
const field = document.querySelector("#message");
const [send, stop] = form.querySelectorAll(".send");
const editing = document.querySelector("#editing");
const hint = document.querySelector("#hint span");
const touch = window.matchMedia("(hover: none)");

const LATER = "This is asked once the answer is there.";
const BROKE_OFF = "The connection broke off before the answer was there.";

let waiting = null; // the turn that is being answered
let next = false; // whether what stands in the field is asked as soon as it is
let asking = null; // the request that waits for it

/** Gives the focus back to the field, but on a touch screen, where a keyboard would come with it. */
function focusField() {
  if (!touch.matches) field.focus({ preventScroll: true });
}

function setWaiting(turn) {
  waiting = turn;
  const stopping = document.activeElement === stop;
  send.hidden = turn !== null;
  stop.hidden = turn === null;
  stop.disabled = false;
  conversation.setAttribute("aria-busy", String(turn !== null));
  if (stopping) focusField();
}

/** Takes the events of an answer until its end, which is given; null if the connection broke off before. */
async function heard(response, turn) {
  let begun = null;
  try {
    for await (const { name, data } of eventsOf(response)) {
      if (name === "done") return data;
      if (name === "error") {
        if (begun && turn.opens) leaveThread(begun, turn.question);
        else if (begun && turn.instead) settleOn(begun, turn.instead, turn.question);
        turn.kept = turn.replaces; // a problem leaves no new question in a thread
        throw new Failure(data.detail);
      }
      if (name === "begun") {
        begun = data.thread_id;
        turn.kept = data.number !== null;
        if (turn.kept) turn.number = data.number;
        settleOn(data.thread_id, turn.question, turn.instead);
      }
      turn.hear(name, data);
    }
  } catch (error) {
    if (error instanceof Failure || error.name === "AbortError") throw error;
  }
  return null;
}

/** Shows the answer of a turn as the server draws it; where it did not keep it, the words alone. */
async function finish(turn, answer) {
  try {
    turn.finish(await fetchPiece(threadPath(currentThread(), `/answers/${turn.number}`)));
  } catch (error) {
    if (!(error instanceof Failure) || !answer) throw error;
    turn.finishPlainly(answer.answer);
  }
  const words = answer?.answer ?? turn.slot.querySelector(".prose, .failure p")?.textContent ?? "";
  announce(`Answer: ${words}`);
}

/** Goes on with a turn whose connection broke off, or whose page was loaded again. */
async function followed(turn) {
  const response = await reach(threadPath(currentThread(), "/events"));
  if (response.status === 204) return null; // it has ended, or never ran in this process
  if (!response.ok) return bodyOf(response);
  turn.prose.replaceChildren(); // all is told once more
  const answer = await heard(response, turn);
  if (!answer) throw new Failure(BROKE_OFF);
  return answer;
}

/** The answer to a question, in events where the server tells of them. */
async function answered(question, turn) {
  asking = new AbortController();
  const response = await reach("/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream, application/json" },
    body: JSON.stringify(question),
    signal: asking.signal,
  });
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    const answer = await bodyOf(response);
    turn.kept = true;
    settleOn(answer.thread_id, turn.question, turn.instead);
    return answer;
  }
  const answer = await heard(response, turn);
  if (answer) return answer;
  if (!currentThread()) throw new Failure(BROKE_OFF);
  return followed(turn);
}

/** Works a turn out on the page, whichever way its answer comes. */
async function run(turn, answer) {
  setWaiting(turn);
  turn.article.scrollIntoView({ block: "start" });
  announce(WORKING);
  try {
    await finish(turn, await answer());
  } catch (error) {
    if (error.name === "AbortError") turn.fail("Stopped before it began.");
    else if (error instanceof Failure) turn.fail(error.message);
    else throw error;
  } finally {
    setWaiting(null);
    focusField();
    if (next) form.requestSubmit();
  }
}

/** Asks a question: as a new one, or in the place of the last. */
function ask(text, last = null) {
  document.querySelector("#welcome")?.remove();
  const turn = last ?? Turn.begin(conversation, text);
  const thread = currentThread();
  turn.opens = thread === null;
  turn.replaces = last !== null && last.kept && !turn.opens;
  turn.instead = turn.replaces && turn.number === 0 ? turn.question : null; // after which the thread was named
  turn.work(text);
  const question = { message: text };
  if (thread) question.thread_id = thread;
  if (turn.replaces) question.replace = turn.number;
  return run(turn, () => answered(question, turn));
}

/** Asks the last question again, in the same words or in others. */
function askInstead(text) {
  endEditing();
  ask(text, Turn.last(conversation));
}

async function stopTurn() {
  stop.disabled = true;
  if (!currentThread()) return asking?.abort();
  try {
    const { stopped } = await call(threadPath(currentThread(), "/stop"), "POST");
    if (!stopped) asking?.abort(); // it waits for another turn, or runs in another process
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    toast(error.message);
    stop.disabled = false;
  }
}

function fit() {
  field.style.setProperty("height", "auto");
  field.style.setProperty("height", `${field.scrollHeight}px`);
}

/** Puts words into the field, as if they had been typed. */
function write(text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function edit() {
  const last = Turn.last(conversation);
  if (!last || waiting) return;
  editing.hidden = false;
  write(last.question);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

function endEditing() {
  if (editing.hidden) return;
  editing.hidden = true;
  write("");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  if (waiting) {
    next = true;
    hint.textContent = LATER;
    return announce(LATER);
  }
  const instead = !editing.hidden;
  write("");
  if (instead) askInstead(text);
  else ask(text);
});

field.addEventListener("input", () => {
  next = false;
  fit();
});
field.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // the key is the input method's
  if (menuKey(event)) return;
  if (event.key === "ArrowUp" && field.value === "" && !event.shiftKey) edit();
  else if (event.key === "Enter" && !event.shiftKey) form.requestSubmit();
  else return;
  event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  if (waiting) stopTurn();
  else endEditing();
});

stop.addEventListener("click", stopTurn);
editing.querySelector("button").addEventListener("click", () => {
  endEditing();
  focusField();
});

conversation.addEventListener("click", (event) => {
  if (waiting) return;
  if (event.target.closest(".edit")) edit();
  else if (event.target.closest(".again")) askInstead(Turn.last(conversation).question);
  const chip = event.target.closest(".starter, .suggestion");
  if (chip) ask(chip.textContent.trim());
});

fit();
const last = Turn.last(conversation);
if (document.body.hasAttribute("data-running") && last) {
  last.work();
  run(last, () => followed(last));
} else {
  last?.article.scrollIntoView({ block: "start" });
  focusField();
}
if (field.value) field.setSelectionRange(field.value.length, field.value.length);
