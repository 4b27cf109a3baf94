// Suggestions: names for what is being written, where there are too many to hold them all; and one more field for lists.

const PAUSE = 150; // milliseconds without a key after which names are asked for
let timer = 0;
let latest = 0;

async function suggest(field) {
  const asked = ++latest;
  const response = await fetch(`/browse/names/${field.dataset.suggest}?${new URLSearchParams({ q: field.value })}`).catch(
    () => null, // the form works without
  );
  if (!response?.ok || asked !== latest) return;
  const options = (await response.json()).map(({ value, about }) => {
    const option = document.createElement("option");
    option.value = value;
    option.textContent = about;
    return option;
  });
  field.list?.replaceChildren(...options);
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.dataset?.suggest) {
    clearTimeout(timer);
    timer = setTimeout(() => suggest(field), PAUSE);
  }
  const names = field.closest?.("[data-more]");
  if (names && names.lastElementChild === field && field.value.trim()) {
    const next = field.cloneNode();
    next.value = "";
    next.removeAttribute("value");
    next.placeholder = "one more";
    next.setAttribute("aria-label", `${field.getAttribute("aria-label").replace(/, one more$/, "")}, one more`);
    names.append(next);
  }
  if (field.id === "field-period-written" && field.value.trim()) document.querySelector("#field-period").value = "";
  if (field.id === "field-period" && field.value) document.querySelector("#field-period-written").value = "";
});
