// Elements: how the page's own parts are made, fetched and read out. All text goes in as text, never as markup.

/** An element with attributes and children; text children are text nodes. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Says a sentence to who listens to the page. */
export function announce(sentence) {
  const region = document.querySelector("#status");
  if (region) region.textContent = sentence;
}

/** A number with its noun: `1 run`, `1,234 runs`. */
export function plural(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Whether a click on a link is the browser's to follow: into another tab, as a download. */
export function isOwn(event) {
  return event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

/** What went wrong, as a sentence for people. */
export class Failure extends Error {}

/** The first element of a piece of this server's own HTML; a problem is thrown as its sentence. */
export async function fetchPiece(path, options = {}) {
  const response = await fetch(path, { headers: { Accept: "text/html, application/problem+json" }, ...options }).catch(
    (error) => {
      if (error.name === "AbortError") throw error;
      throw new Failure("The server does not answer. Is it still running?");
    },
  );
  if (!response.ok) {
    const problem = await response.json().catch(() => null);
    throw new Failure(problem?.detail ?? `The server answered with an error (${response.status}).`);
  }
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  return document.adoptNode(parsed.body.firstElementChild);
}
