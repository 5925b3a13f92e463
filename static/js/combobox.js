// A field whose options come from the server (ARIA's combobox pattern): <input data-combobox
// hx-get hx-target="#list">, options <li role="option" data-value>. Says "combobox:choose" with
// the option when one is taken, "combobox:leave" when Escape finds nothing left to close.
(() => {
  let asked = ""; // the letters of the request under way
  let answered = ""; // those that the options answer
  let eager = false; // Enter came before the options for what is typed

  const list = (field) => document.querySelector(field.getAttribute("hx-target"));
  const options = (field) => [...list(field).querySelectorAll("[data-value]")];
  const active = (field) => list(field).querySelector('[aria-selected="true"]');
  const fieldOf = (element) => {
    const of = document.querySelector(`[data-combobox][hx-target="#${CSS.escape(element.id)}"]`);
    return element.id ? of : null;
  };
  const say = (field, name, detail) =>
    field.dispatchEvent(new CustomEvent(`combobox:${name}`, { bubbles: true, detail }));

  const enhance = (root) => {
    for (const field of root.querySelectorAll("[data-combobox]")) {
      field.setAttribute("role", "combobox");
      field.setAttribute("aria-autocomplete", "list");
      field.setAttribute("aria-controls", list(field).id);
      field.setAttribute("aria-expanded", "false");
    }
  };

  const point = (field, option) => {
    for (const one of options(field)) one.setAttribute("aria-selected", String(one === option));
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };

  const show = (field) => {
    const open = list(field).children.length > 0 && document.activeElement === field;
    list(field).hidden = !open;
    field.setAttribute("aria-expanded", String(open));
    point(field, open ? options(field)[0] : null);
    const due = eager && answered === field.value;
    if (due) eager = false;
    if (due && active(field)) take(field, active(field));
  };

  const close = (field) => {
    eager = false;
    answered = "";
    list(field).replaceChildren();
    show(field);
  };

  const take = (field, option) => {
    field.value = "";
    close(field);
    say(field, "choose", option);
  };

  const onKey = (field, event) => {
    const all = options(field);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isOpen = field.value || !list(field).hidden;
    if (step && all.length) {
      point(field, all[(all.indexOf(active(field)) + step + all.length) % all.length]);
    } else if (event.key === "Enter") {
      if (answered !== field.value) eager = true;
      else if (active(field)) take(field, active(field));
    } else if (event.key === "Escape") {
      field.value = "";
      close(field);
      if (!isOpen) say(field, "leave");
    } else return;
    event.preventDefault();
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("[data-combobox]")) onKey(event.target, event);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-combobox]")) eager = false; // Enter was for fewer letters
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=listbox] [data-value]");
    const field = option && fieldOf(option.closest("[role=listbox]"));
    if (!field) return;
    event.preventDefault(); // the field keeps the focus until the choice is made
    take(field, option);
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.matches("[data-combobox]") && event.target.isConnected) close(event.target);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("[data-combobox]")) asked = event.detail.elt.value;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const field = fieldOf(event.target);
    if (!field) {
      enhance(event.target);
      return;
    }
    answered = asked;
    if (field.value) show(field);
    else close(field); // Escape came before the answer
  });

  enhance(document);
})();
