// A turn on the page: a question, and below it what is known of its answer so far.

import { element, plural } from "./dom.js";

export const WORKING = "Working it out…";

const PENCIL = "M4 20h4L19 9l-4-4L4 16zM13 7l4 4";

/** A drawing of lines, as buttons have them. */
export function icon(path) {
  const SVG = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}

/** How far a fetch has come: `Runs: 4,200 of 10,000 runs`. */
function progress({ what, unit, done, total }) {
  const counted = total === null ? plural(done, unit) : `${done.toLocaleString("en")} of ${plural(total, unit)}`;
  return `${what[0].toUpperCase()}${what.slice(1)}: ${counted}`;
}

/** One turn. What is written of its answer is no live region; who listens hears the whole of it, once. */
export class Turn {
  constructor(article) {
    this.article = article;
    this.slot = article.querySelector(".slot");
  }

  /** Which question of its thread this is, the first being 0. */
  get number() {
    return Number(this.article.id.replace("answer-", ""));
  }

  set number(number) {
    this.article.id = `answer-${number}`;
  }

  /** A turn with a question, added at the end of a conversation. */
  static begin(conversation, question) {
    const number = conversation.querySelectorAll(".turn").length;
    const edit = { type: "button", class: "tool edit only-last", "aria-label": "Edit this question", title: "Edit this question" };
    const asked = element("div", { class: "asked" }, element("button", edit, icon(PENCIL)), element("h2", { class: "question" }, question));
    const article = element("article", { class: "turn", id: `answer-${number}` }, asked, element("div", { class: "slot", "aria-live": "off" }));
    conversation.append(article);
    const turn = new Turn(article);
    turn.kept = false;
    return turn;
  }

  /** The last turn of a conversation; null in an empty one. */
  static last(conversation) {
    const article = [...conversation.querySelectorAll(".turn")].at(-1);
    return article ? new Turn(article) : null;
  }

  /** Whether the question is in the thread, so that another can take its place. */
  get kept() {
    return !("unkept" in this.article.dataset);
  }

  set kept(kept) {
    if (kept) delete this.article.dataset.unkept;
    else this.article.dataset.unkept = "";
  }

  get question() {
    return this.article.querySelector(".question").textContent;
  }

  /** The words to which an answer is worked out. */
  work(question = this.question) {
    this.article.querySelector(".question").textContent = question;
    this.said = document.createTextNode(WORKING);
    this.working = element("p", { class: "working" }, element("span", { "aria-hidden": "true" }), this.said);
    this.prose = element("div", { class: "prose" });
    this.slot.replaceChildren(this.working);
  }

  /** Shows what happens in the turn. */
  hear(name, data) {
    if (name === "progress") this.said.data = progress(data);
    else if (name === "tool_start") this.said.data = `Looking up ${data.name.replace(/^dbt_/, "").replaceAll("_", " ")}…`;
    else if (name === "tool_end") this.said.data = WORKING;
    else if (name === "token") this.write(data.text);
  }

  /** Shows words as they are written: a text node for each piece, a paragraph after each empty line. */
  write(text) {
    if (!this.prose.isConnected) this.working.before(element("div", { class: "answer writing" }, this.prose));
    for (const [at, piece] of text.split(/\n\s*\n/).entries()) {
      const last = this.prose.lastElementChild;
      if (!last || at > 0) this.prose.append(element("p", {}, piece));
      else last.append(piece);
    }
  }

  /** Puts the finished answer, as the server drew it, in the place of what was known of it. */
  finish(outcome) {
    this.slot.replaceChildren(outcome);
  }

  /** The words of an answer that the server could not keep, and so does not draw. */
  finishPlainly(answer) {
    this.prose.replaceChildren();
    this.write(answer);
    this.working.remove();
  }

  /** Says why there is no answer, below what was written of it. */
  fail(sentence) {
    this.working.remove();
    const again = element("button", { type: "button", class: "button again" }, "Try again");
    this.slot.append(element("div", { class: "failure", role: "alert" }, element("p", {}, sentence), again));
  }
}
