// The first page: fetches what needs attention once the page is there, and filters reports while somebody writes.

import { Failure, element } from "./dom.js";
import { fetchPage } from "./pages.js";

async function fillAttention(place) {
  try {
    const { page } = await fetchPage(place.dataset.from);
    place.replaceChildren(...(page.querySelector("#attention") ?? page.querySelector(".trouble")).children);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    place.append(element("p", { class: "quiet" }, error.message));
  }
}

const attention = document.querySelector("#attention[data-from]");
if (attention) fillAttention(attention);

const field = document.querySelector("#search");
const items = [...document.querySelectorAll(".report-item")];
const families = [...document.querySelectorAll(".family")];
const none = document.querySelector("#none");

field?.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of items) {
    const told = item.dataset.told.toLowerCase();
    item.hidden = !words.every((word) => told.includes(word));
  }
  for (const family of families) family.hidden = !family.querySelector(".report-item:not([hidden])");
  none.hidden = items.some((item) => !item.hidden);
});
