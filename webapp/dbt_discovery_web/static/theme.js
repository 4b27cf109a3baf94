// The theme: by the system, or light or dark by hand. It runs before anything is painted, so that nothing flashes.

(() => {
  const KEY = "dbt-discovery-theme";
  const CHOICES = ["system", "light", "dark"];
  const root = document.documentElement;
  root.dataset.script = "on"; // what is only for scripts shows itself, and long tables are cut

  /** The theme chosen by hand; a browser that keeps nothing goes by the system. */
  function chosen() {
    try {
      const kept = localStorage.getItem(KEY);
      return CHOICES.includes(kept) ? kept : "system";
    } catch {
      return "system";
    }
  }

  function wear(theme) {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const button of document.querySelectorAll(".theme")) {
      button.setAttribute("aria-label", `Theme: ${theme}`);
      button.title = `Theme: ${theme}`;
    }
  }

  wear(chosen());
  document.addEventListener("DOMContentLoaded", () => wear(chosen()));
  window.addEventListener("storage", (event) => event.key === KEY && wear(chosen())); // another tab chose
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".theme")) return;
    const next = CHOICES[(CHOICES.indexOf(root.dataset.theme ?? "system") + 1) % CHOICES.length];
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // It lasts as long as the page does.
    }
    wear(next);
  });
})();
