// Cards: another reading of a question, or more of its rows, without another page. What a card links to works alone too.

import "./copy.js";
import "./table.js";
import { Failure, announce, element, fetchPiece, isOwn } from "./dom.js";

const fetches = new WeakMap();

/** Puts the card of another reading in a card's place; where another was asked for meanwhile, only the last comes. */
async function takeInstead(card, page, key) {
  fetches.get(card)?.abort();
  const fetching = new AbortController();
  fetches.set(card, fetching);
  card.setAttribute("aria-busy", "true");
  card.querySelector(".card-fault")?.remove();
  try {
    const address = new URL(page, location.href);
    const path = address.pathname.replace(/^\/browse\//, "/cards/") + address.search;
    const other = await fetchPiece(path, { signal: fetching.signal });
    const folds = [...card.querySelectorAll(".fold")].map((fold) => fold.open);
    other.querySelectorAll(".fold").forEach((fold, at) => (fold.open = folds[at] ?? false));
    card.replaceWith(other);
    focusOn(other, key);
    announce(other.querySelector(".card-finding")?.textContent ?? "");
    other.dispatchEvent(new CustomEvent("card-changed", { bubbles: true, detail: { page: address.pathname + address.search } }));
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Failure)) throw error;
    card.removeAttribute("aria-busy");
    card.querySelector(".card-head").after(element("p", { class: "card-fault", role: "alert" }, error.message));
  }
}

/** Gives the focus to what stands where it was: the way back from a reading, else the card. */
function focusOn(card, key) {
  const back = [...card.querySelectorAll("[data-take]")].find((link) => link.dataset.take === key);
  (back ?? card).focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-take]");
  const card = link?.closest(".card");
  if (!card || isOwn(event)) return;
  event.preventDefault();
  takeInstead(card, link.href, link.dataset.take);
});
