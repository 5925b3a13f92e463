// What every page gains with JavaScript; each works, more slowly, without it.
(() => {
  const root = document.documentElement;
  const THEMES = ["auto", "light", "dark"];

  const theme = () => root.dataset.theme ?? "auto";

  const showTheme = () => {
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.setAttribute("aria-label", button.dataset[theme()]);
      button.title = button.dataset[theme()];
    }
  };

  const nextTheme = () => {
    const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (next === "auto") localStorage.removeItem("kadai-theme");
      else localStorage.setItem("kadai-theme", next);
    } catch {
      // storage refused: the choice lasts for this page
    }
    showTheme();
  };

  const copy = async (button) => {
    const source = button.closest(".copy").querySelector("pre");
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 2000);
    } catch {
      getSelection().selectAllChildren(source); // not allowed here: leave it selected
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-switch], [data-copy], [data-dismiss]");
    if (button?.matches("[data-theme-switch]")) nextTheme();
    else if (button?.matches("[data-copy]")) copy(button);
    else if (button) button.closest(button.dataset.dismiss).remove();
    const link = event.target.closest("a[data-language]");
    if (link) {
      document.cookie = `django_language=${link.dataset.language};path=/;max-age=31536000;samesite=lax`;
    }
  });

  // "/" goes to the search field of the page, else to the one in the header.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.defaultPrevented || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const field = document.querySelector("[data-find-here]") ?? document.querySelector("[data-find]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });

  document.addEventListener("htmx:beforeRequest", () => root.setAttribute("aria-busy", "true"));
  document.addEventListener("htmx:afterRequest", () => root.removeAttribute("aria-busy"));

  // When what had the focus is gone after a swap, the heading of the result takes it. Who
  // had it nowhere keeps it so: a part that renews itself must not call for attention.
  let held = null;
  document.addEventListener("htmx:beforeSwap", () => { held = document.activeElement; });
  document.addEventListener("htmx:afterSettle", () => {
    showTheme();
    if (document.activeElement === document.body && held !== document.body) {
      document.querySelector("[data-focus-after]")?.focus({ preventScroll: true });
    }
  });

  // Where places do not fit beside each other, the one that is open is not hidden at the end.
  for (const here of document.querySelectorAll(".masthead nav [aria-current], .tabs [aria-current]")) {
    const strip = here.closest("nav");
    const end = here.getBoundingClientRect().right - strip.getBoundingClientRect().right;
    if (end > 0) strip.scrollLeft += end + 24;
  }

  showTheme();
})();
