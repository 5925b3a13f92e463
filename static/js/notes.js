// Notes on the desk. One is written before the decision that it goes with, or after it; what is
// typed outlives the answers that come in between. Says nothing to the server itself.
(() => {
  const desk = document.getElementById("desk");
  const said = document.getElementById("said");
  if (!desk) return;

  const rowOf = (element) => element?.closest?.("[data-row]");
  const row = (slug) => desk.querySelector(`[data-row="${CSS.escape(slug)}"]`);
  const noteOf = (one) => one?.querySelector("[data-note]");
  const isOfRows = (element) => element?.id === "rows" || element?.id.startsWith("item-");

  let open = []; // slugs of the rows whose note can be seen
  let drafts = []; // slug, and what is typed and not sent
  let writing = null; // slug of the row in whose note one types

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isOfRows(event.detail.target)) return;
    const slugOf = (element) => rowOf(element).dataset.row;
    const notes = [...desk.querySelectorAll("[data-note]")];
    open = [...desk.querySelectorAll("details.why-not[open]")].map(slugOf);
    drafts = notes.filter((note) => note.value !== note.defaultValue)
      .map((note) => [slugOf(note), note.value]);
    writing = document.activeElement.matches("[data-note]") ? slugOf(document.activeElement) : null;
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isOfRows(event.detail.target)) return;
    for (const slug of open) row(slug)?.querySelector(".why-not").setAttribute("open", "");
    for (const [slug, text] of drafts) {
      const note = noteOf(row(slug));
      if (note) note.value = text;
    }
    if (writing) noteOf(row(writing))?.focus();
  });

  document.addEventListener("note:write", (event) => {
    const note = noteOf(event.target);
    if (!note) return;
    note.closest("details").open = true;
    note.focus();
  });

  document.addEventListener("keydown", (event) => {
    const note = event.target;
    if (!note.matches("[data-note]") || event.isComposing) return;
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    const one = rowOf(note);
    if (event.key === "Escape") note.value = note.defaultValue;
    else if (one.dataset.verdict) note.form.requestSubmit(note.form.querySelector("[data-as-it-is]"));
    else if (note.value) said.replaceChildren(document.getElementById("noted").content.cloneNode(true));
    one.focus();
  });
})();
