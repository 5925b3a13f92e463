// Runs before the first paint, so that a chosen theme never flashes in the other one.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("kadai-theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // storage refused: the system's theme holds
  }
})();
