// A sentence about what went wrong beside the conversation; it goes by itself.

import { element } from "./dom.js";

export function toast(sentence) {
  const shown = element("p", { class: "toast", role: "alert" }, sentence);
  document.body.append(shown);
  setTimeout(() => shown.remove(), 8000);
}
