// Draws a report: its table, what it rests on, and its notes. All text goes in as text, never as markup.

const LONG = 140;
const FIRST_ROWS = 12;

/** An element with attributes and children; text children are text nodes. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Seconds in words: `0.42 s`, `12.3 s`, `4 min 5 s`, `2 h 3 min`, `1 d 2 h`. */
export function duration(seconds) {
  if (seconds < 59.95) return seconds < 1 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(1)} s`;
  const pair = (whole, unit, rest, smaller) => (rest ? `${whole} ${unit} ${rest} ${smaller}` : `${whole} ${unit}`);
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(whole / 60);
  if (minutes < 1440) return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(whole / 3600);
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** How long something took just now: `140 ms`, or as `duration`. */
export function elapsed(seconds) {
  return seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : duration(seconds);
}

/** A moment in the server's time zone: `14 Nov 2026, 09:30 UTC`. */
export function moment(text) {
  const timeZone = document.body.dataset.timezone || "UTC";
  const options = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
  const shown = new Intl.DateTimeFormat("en-GB", { ...options, timeZone }).format(new Date(text));
  return `${shown} ${timeZone === "Etc/UTC" ? "UTC" : timeZone}`;
}

export function plural(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** The whole report as one figure; `ask` gives another report for a path, for the other ways to take the question. */
export function reportFigure(report, ask) {
  const title = element("figcaption", {}, element("strong", {}, report.title), element("span", {}, scope(report)));
  const figure = element("figure", { class: "report" }, title);
  figure.append(report.rows.length ? table(report) : element("p", { class: "quiet" }, "No rows."));
  figure.append(element("p", { class: "basis" }, basis(report)));
  if (report.reading.length) figure.append(readings(report, figure, ask));
  if (report.notes.length) {
    figure.append(element("ul", { class: "notes" }, ...report.notes.map((note) => element("li", {}, note))));
  }
  return figure;
}

function scope(report) {
  const period = report.period?.label ?? "";
  const narrowed = report.filter.split("; ").filter((part) => part !== "everything" && !period.startsWith(part));
  return [period, ...narrowed].filter(Boolean).join(" · ");
}

/** How the question was taken, and how else it could be. */
function readings(report, figure, ask) {
  const list = element("dl", { class: "readings" });
  for (const reading of report.reading) {
    const value = element("dd", {}, reading.value);
    for (const [at, { label, arguments: instead }] of reading.alternatives.entries()) {
      const other = element("button", { type: "button", class: "other" }, label);
      other.addEventListener("click", () => retake(report, instead, figure, ask));
      value.append(at ? ", " : element("span", {}, " or "), other);
    }
    list.append(element("div", {}, element("dt", {}, reading.label), value));
  }
  return list;
}

async function retake(report, instead, figure, ask) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(instead)) {
    for (const each of Array.isArray(value) ? value : [value]) if (each !== null) query.append(name, each);
  }
  const other = await ask(`/reports/${report.name}?${query}`);
  if (!other) return;
  const drawn = reportFigure(other, ask);
  drawn.querySelector("figcaption").after(element("p", { class: "finding" }, other.finding));
  figure.replaceWith(drawn);
  drawn.querySelector(".readings button")?.focus({ preventScroll: true });
}

function basis(report) {
  const { considered, unit, left_out: leftOut, complete } = report.coverage;
  const noun = unit.slice(0, -1);
  const left = Object.entries(leftOut).map(([reason, count]) => `${count.toLocaleString("en")} ${reason.replaceAll("_", " ")}`);
  const parts = [`Based on ${plural(considered, noun)}`];
  if (left.length) parts.push(`left out: ${left.join(", ")}`);
  if (!complete) parts.push("incomplete: some data was not available");
  parts.push(`${report.source.label}, as of ${moment(report.as_of)}`);
  if (report.stale) parts.push("older data, as a refresh failed");
  return `${parts.join(" · ")}.`;
}

function table(report) {
  const measure = report.chart?.kind === "bar" ? report.chart.y[0] : null;
  const columns = inOrder(report.columns.filter((column) => !shownElsewhere(column, report)), measure);
  const heads = columns.map((column) => element("th", { scope: "col", class: kindOf(column) }, column.label));
  const greatest = measure ? Math.max(...report.rows.map((row) => row[measure] ?? 0)) : 0;
  const rows = report.rows.map((row) => {
    const cells = columns.map((column, index) => {
      const attributes = { class: kindOf(column) };
      const cell = index === 0 ? element("th", { ...attributes, scope: "row" }) : element("td", attributes);
      fill(cell, row[column.key], column, row, report);
      if (column.key === measure && greatest > 0) cell.append(bar((row[measure] ?? 0) / greatest));
      return cell;
    });
    return element("tr", {}, ...cells);
  });
  const body = element("tbody", {}, ...rows.slice(0, FIRST_ROWS));
  const drawn = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
  const around = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": report.title }, drawn);
  const wrapper = element("div", {}, around);
  if (rows.length > FIRST_ROWS) {
    const more = element("button", { type: "button", class: "button more" }, `Show all ${rows.length} rows`);
    more.addEventListener("click", () => {
      body.append(...rows.slice(FIRST_ROWS));
      more.remove();
    });
    wrapper.append(more);
  }
  if (report.total_rows > rows.length) {
    const shown = `${rows.length.toLocaleString("en")} of ${report.total_rows.toLocaleString("en")} shown.`;
    wrapper.append(element("p", { class: "quiet" }, shown));
  }
  return wrapper;
}

/** The columns with the measure that the answer is about next to the name, where a narrow window shows it too. */
function inOrder(columns, measure) {
  const [first, ...rest] = columns;
  const isMeasure = (column) => column.key === measure;
  return [first, ...rest.filter(isMeasure), ...rest.filter((column) => !isMeasure(column))];
}

/** A run's page is the link on its id, so it needs no column of its own; only dbt Cloud has such pages. */
function shownElsewhere(column, report) {
  if (column.type !== "link") return report.rows.every((row) => row[column.key] === null || row[column.key] === "");
  return report.columns.some((other) => other.key === "run_id") || report.source.kind !== "dbt_cloud";
}

function kindOf(column) {
  return column.type === "number" ? "number" : column.type === "id" ? "id" : column.type === "datetime" ? "time" : "text";
}

function fill(cell, value, column, row, report) {
  if (value === null || value === undefined || value === "") {
    cell.append(element("span", { class: "none", title: "not known" }, "–"));
  } else if (column.type === "number") {
    cell.append(number(cell, value, column.unit));
  } else if (column.type === "datetime") {
    cell.title = value;
    cell.append(element("time", { datetime: value }, moment(value)));
  } else if (column.type === "bool") {
    cell.append(value ? "yes" : "no");
  } else if (column.type === "link") {
    cell.append(link(value, "Open", report));
  } else if (column.key === "run_id" && row.url) {
    cell.append(link(row.url, value, report));
  } else {
    cell.append(...words(Array.isArray(value) ? value.join(", ") : String(value), column.key));
  }
}

function number(cell, value, unit) {
  if (unit === "seconds") {
    cell.title = `${value} seconds`;
    return duration(value);
  }
  if (unit === "ratio") return `${(value * 100).toLocaleString("en", { maximumFractionDigits: 1 })} %`;
  return value.toLocaleString("en", { maximumFractionDigits: 2 });
}

function link(address, text, report) {
  if (report.source.kind !== "dbt_cloud" || !/^https?:\/\//.test(address)) return text;
  const title = "Opens in dbt Cloud";
  return element("a", { href: address, rel: "noopener noreferrer", target: "_blank", title }, text);
}

function words(text, key) {
  if (key.endsWith("status")) {
    return [element("span", { class: `status status-${text.replace(/[^a-z]+/gi, "-").toLowerCase()}` }, text)];
  }
  if (text.length <= LONG && !text.includes("\n")) return [text];
  const first = text.split("\n", 1)[0].slice(0, LONG - 20);
  return [element("details", { class: "long" }, element("summary", {}, `${first}…`), element("pre", {}, text))];
}

function bar(part) {
  const made = element("span", { class: "bar", "aria-hidden": "true" });
  made.style.setProperty("--part", part.toFixed(4));
  return made;
}
