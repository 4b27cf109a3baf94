// Tables: sorted by a click on a head, filtered by words, and shown whole. The rows are those the server gave.

import { announce } from "./dom.js";

const given = new WeakMap();

/** The rows of a table in the order in which the server gave them. */
function rowsOf(table) {
  const body = table.tBodies[0];
  if (!given.has(body)) given.set(body, [...body.rows]);
  return given.get(body);
}

/** What a cell is sorted by: a number, a moment or a name; null where nothing is known. */
function orderOf(cell, numeric) {
  const order = cell.dataset.order ?? cell.textContent.trim();
  if (order === "") return null;
  return numeric ? Number(order) : order;
}

function compare(one, other) {
  if (typeof one === "number") return one - other;
  return one.localeCompare(other, "en", { numeric: true, sensitivity: "base" });
}

/** The next order of a column: numbers and times begin with the greatest, and the third click gives the server's again. */
function nextOrder(head) {
  const first = head.matches(".number, .time") ? "descending" : "ascending";
  const second = first === "descending" ? "ascending" : "descending";
  const now = head.getAttribute("aria-sort");
  return now === first ? second : now === second ? null : first;
}

function sort(head) {
  const table = head.closest("table");
  const order = nextOrder(head);
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  const rows = [...rowsOf(table)];
  if (order) {
    head.setAttribute("aria-sort", order);
    const numeric = head.matches(".number");
    const sign = order === "ascending" ? 1 : -1;
    const keyed = rows.map((row) => ({ row, key: orderOf(row.cells[head.cellIndex], numeric) }));
    keyed.sort((a, b) => (a.key === null || b.key === null ? (a.key === null) - (b.key === null) : sign * compare(a.key, b.key)));
    rows.splice(0, rows.length, ...keyed.map(({ row }) => row));
  }
  table.tBodies[0].append(...rows);
}

/** Shows the rows that have every word, and says how many these are. */
function filter(field) {
  const part = field.closest(".table");
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  const rows = rowsOf(part.querySelector("table"));
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) found += 1;
  }
  part.classList.toggle("searched", words.length > 0);
  const extent = part.querySelector(".extent");
  extent.textContent = words.length ? `${found.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows` : extent.dataset.all;
  announce(extent.textContent);
}

document.addEventListener("click", (event) => {
  const head = event.target.closest?.(".sort")?.closest("th");
  if (head) sort(head);
  const more = event.target.closest?.(".table .more");
  if (!more) return;
  const part = more.closest(".table");
  const next = part.querySelectorAll("tbody tr")[12]; // where reading goes on
  part.classList.remove("cut");
  more.remove();
  next?.setAttribute("tabindex", "-1");
  next?.focus({ preventScroll: true });
});

document.addEventListener("input", (event) => {
  if (event.target.matches?.(".table .filter")) filter(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.matches?.(".table .filter") || !event.target.value) return;
  event.target.value = "";
  filter(event.target);
});
