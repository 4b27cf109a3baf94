// The form of a report: asks without another page, and keeps the address so that back, reload and a link give the same.

import "./suggest.js";
import { Failure, announce, element, isOwn } from "./dom.js";
import { fetchPage } from "./pages.js";

const SAID_AFTER = 400; // milliseconds after which a wait is told of
let asking = null;

/** What the form asks: what is filled in, and nothing else. */
function addressOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) query.append(name, value);
  return `${form.getAttribute("action")}${query.size ? `?${query}` : ""}`;
}

/** Shows another state of this page; `kept` is the id or reading that the focus goes back to. */
async function visit(address, { push = true, kept = null } = {}) {
  asking?.abort();
  const mine = (asking = new AbortController());
  const done = waiting();
  try {
    const found = await fetchPage(address, { signal: mine.signal });
    const next = found.page.querySelector("#report");
    if (!next) {
      location.assign(address); // another page
      return;
    }
    const folds = openFolds();
    const report = document.adoptNode(next);
    document.querySelector("#report").replaceWith(report);
    report.querySelectorAll("details").forEach((fold, at) => (fold.open ||= folds[at] ?? false));
    document.title = found.page.title;
    if (push) history.pushState(null, "", found.address);
    focusOn(report, kept);
    announce(report.querySelector(".field-fault, .trouble p, .card-finding")?.textContent.trim() ?? "");
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Failure)) throw error;
    document.querySelector("#result").replaceChildren(element("p", { class: "notice", role: "alert" }, error.message));
  } finally {
    done();
    if (asking === mine) asking = null;
  }
}

/** Which of the form's and the page's folds are open; those of a card are the card's own. */
function openFolds() {
  return [...document.querySelectorAll("#report details")].map((fold) => fold.open && !fold.closest(".card"));
}

/** Gives the focus to the first field that is wrong, else to what had it; where a narrow page folds that, to the fold. */
function focusOn(report, kept) {
  const faulty = report.querySelector("[aria-invalid=true]");
  const name = kept && CSS.escape(kept);
  const had = name && (report.querySelector(`#${name}`) ?? report.querySelector(`[data-take="${name}"]`));
  const wanted = faulty ?? had ?? report.querySelector("#show");
  const folded = wanted.offsetParent === null;
  (folded ? report.querySelector("#unfold") : wanted).focus({ preventScroll: !faulty && !folded });
}

/** Shows the form that a narrow page folds once there is an answer. */
function unfold(form) {
  form.classList.remove("folded");
  form.querySelector("input, select").focus();
}

/** Tells how long an answer takes, from the moment that it is felt; gives what ends that. */
function waiting() {
  const result = document.querySelector("#result");
  const begun = performance.now();
  result.setAttribute("aria-busy", "true");
  const progress = document.querySelector("#progress");
  const tick = setInterval(() => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    progress.textContent = seconds < 2 ? "Asking…" : `Fetching what is not known yet… ${seconds} s. It is kept for the next time.`;
  }, SAID_AFTER);
  return () => {
    clearInterval(tick);
    result.removeAttribute("aria-busy");
    progress.textContent = "";
  };
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "form") return;
  event.preventDefault();
  visit(addressOf(event.target), { kept: document.activeElement?.id || "show" });
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#unfold")) unfold(document.querySelector("#form"));
});

// Before card.js hears of it: on this page, another reading fills in the form as well.
document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.("#report a[data-visit], #report a[data-take]");
    if (!link || isOwn(event) || link.pathname !== location.pathname) return;
    event.preventDefault();
    visit(link.href, { kept: link.dataset.take ?? "show" });
  },
  { capture: true },
);

window.addEventListener("popstate", () => visit(location.href, { push: false }));
