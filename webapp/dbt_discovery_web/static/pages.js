// Pages: another page of this server, fetched without leaving this one.

import { Failure } from "./dom.js";

/** A page as a document, and the address it was found at; also one that tells of an error. */
export async function fetchPage(address, options = {}) {
  const response = await fetch(address, { headers: { Accept: "text/html" }, ...options }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Failure("The server does not answer. Is it still running?");
  });
  if (!response.headers.get("Content-Type")?.startsWith("text/html")) {
    const problem = await response.json().catch(() => null);
    throw new Failure(problem?.detail ?? `The server answered with an error (${response.status}).`);
  }
  return { address: response.url, page: new DOMParser().parseFromString(await response.text(), "text/html") };
}
