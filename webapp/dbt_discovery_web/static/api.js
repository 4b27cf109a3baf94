// The server: what is asked of it in JSON, with every problem as a sentence for people.

import { Failure } from "./dom.js";

/** The response of a path. */
export async function reach(path, options = {}) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure("The server does not answer. Is it still running?");
  }
}

/** The JSON of a response; a problem is thrown as its sentence. */
export async function bodyOf(response) {
  const body = response.status === 204 ? undefined : await response.json().catch(() => null);
  if (!response.ok || body === null) {
    throw new Failure(body?.detail ?? `The server answered with an error (${response.status}).`);
  }
  return body;
}

/** The JSON that a path answers. */
export async function call(path, method = "GET", body) {
  const sent = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return bodyOf(await reach(path, { method, ...sent }));
}

/** The path of a thread, and what is below it. */
export function threadPath(id, rest = "") {
  return `/chat/threads/${encodeURIComponent(id)}${rest}`;
}
