// The desk by keys: every act is a form of the page; this sends it, in order, without leaving.
(() => {
  const desk = document.getElementById("desk");
  const said = document.getElementById("said");
  const help = document.getElementById("keys");
  const root = document.documentElement;
  if (!desk) return;

  // Focus. The desk never leaves it on the body: what is gone hands it to the title.
  const title = () => document.getElementById("desk-title");
  const rows = () => [...desk.querySelectorAll("[data-row]")];
  const row = (slug) => rows().find((one) => one.dataset.row === slug);
  const focus = (element) => element?.focus({ preventScroll: element === title() });
  const piece = (id) => document.getElementById(id).content.cloneNode(true);

  let currentSlug = null; // the suggestion whose meaning is shown
  let rejected = null; // the one that was rejected last: a reason given now is its
  let mode = null; // what the next key says: reject, unsure
  let reason = ""; // and why

  const current = () => {
    const all = rows();
    const isOpen = (one) => !one.dataset.verdict && one.dataset.outside === undefined;
    return row(currentSlug) ?? all.find(isOpen) ?? all[0];
  };

  const showCurrent = () => {
    const shown = current();
    for (const one of rows()) one.classList.toggle("is-current", one === shown);
    const panel = document.getElementById("meaning");
    if (!panel) return;
    panel.hidden = !shown;
    if (!shown) return;
    const copy = shown.querySelector("[data-meaning]").cloneNode(true);
    panel.replaceChildren(...copy.childNodes);
  };

  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    rejected = null;
    const from = all.indexOf(document.activeElement.closest("[data-row]"));
    const to = from < 0 ? all.indexOf(current()) : from + step;
    focus(all[Math.max(0, Math.min(to, all.length - 1))]);
  };

  // Sending: one act after another. What could not be sent stays first in the line, with its
  // key, so that sending it again cannot decide twice.
  const line = [];
  let busy = false;

  const newKey = () =>
    [...crypto.getRandomValues(new Uint8Array(12))]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const send = async () => {
    if (busy || !line.length) return;
    busy = true;
    const { url, values } = line[0];
    values.shown = desk.querySelector("[data-paper]").dataset.paper;
    let done = false;
    const note = (event) => { done ||= event.detail.elt === desk && event.detail.successful; };
    document.addEventListener("htmx:afterRequest", note);
    try {
      const target = document.getElementById("rows") ?? desk; // nothing lies here: no rows
      await htmx.ajax("POST", url, { source: desk, target, swap: "innerHTML", values });
    } catch {
      // the toast below says it
    }
    document.removeEventListener("htmx:afterRequest", note);
    busy = false;
    if (done) {
      line.shift();
      send();
    } else {
      said.replaceChildren(piece("unsaved"));
    }
  };

  const put = (url, values) => {
    line.push({ url, values: { ...values, key: newKey() } });
    send();
  };

  // The row shows the verdict at once; the answer puts the server's word in its place.
  const mark = (one, verdict) => {
    one.dataset.verdict = verdict === "undecided" ? "" : verdict;
    rejected = verdict === "reject" ? one.dataset.row : null;
    for (const button of one.querySelectorAll("[data-verdict]")) {
      const pressed = button.dataset.verdict === one.dataset.verdict;
      button.setAttribute("aria-pressed", String(pressed));
      button.value = pressed ? "undecided" : button.dataset.verdict;
    }
  };

  const submit = (form, button) => {
    const values = Object.fromEntries(new FormData(form, button));
    const one = form.closest("[data-row]");
    if (button.matches("[data-reason]")) values.verdict = "reject";
    if (button.matches("[data-as-it-is]")) values.verdict = one.dataset.verdict;
    put(form.action, values);
    if (one && values.verdict) mark(one, values.verdict);
  };

  const decide = (one, verdict, reason) => {
    const named = reason ? `[data-reason][value="${reason}"]` : `[data-verdict="${verdict}"]`;
    const button = one.querySelector(`button${named}`);
    if (!button) return; // outside of what this curator decides on
    currentSlug = null;
    button.form.requestSubmit(button);
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-act]")) return;
    event.preventDefault();
    submit(event.target, event.submitter);
    // After a click or a tap, Enter means the next paper and not this button once more.
    const one = event.target.closest("[data-row]");
    if (one && !event.submitter.matches(":focus-visible")) focus(one);
  });

  // The paper that goes is cleared at one stroke: htmx takes leave of each of its elements, and
  // the one that has the focus would be laid out on its way out. The swap comes at once and
  // gives the focus to what is new.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, shouldSwap } = event.detail;
    if (!shouldSwap || target !== desk) return;
    document.activeElement.blur();
    desk.replaceChildren();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === desk) {
      currentSlug = rejected = null;
      setMode(null);
      showCurrent();
      focus(title());
      scrollTo({ top: 0 });
      return;
    }
    if (event.detail.target?.id === "options") return;
    if (row(wanted)) {
      focus(row(wanted));
      wanted = null;
    }
    if (document.activeElement === document.body) focus(title());
    showCurrent();
  });

  // Another concept, found by the combobox.
  let wanted = null; // its row takes the focus when it comes

  desk.addEventListener("combobox:choose", (event) => {
    const form = event.target.form;
    const text = desk.querySelector("input[name=text]").value;
    wanted = event.detail.dataset.value;
    put(form.dataset.decide, { concept: wanted, verdict: "accept", text });
    focus(row(wanted) ?? title());
  });
  desk.addEventListener("combobox:leave", () => focus(current() ?? title()));

  // Keys. The list of them says what each does.
  const STORE = "kadai-desk-keys";
  const box = document.getElementById("keys-on");
  const does = new Map(
    [...help.querySelectorAll("[data-does]")].map((one) => [one.textContent, one.dataset.does]),
  );

  const setMode = (next, why = "") => {
    if (next !== mode || why !== reason) said.replaceChildren(...(next ? [piece(next)] : []));
    [mode, reason] = [next, why];
    const label = desk.querySelector(`[data-reason][value="${why}"]`)?.lastChild.textContent;
    if (label) said.querySelector("[data-why]").textContent = `: ${label}`;
    desk.classList.toggle("is-rejecting", mode === "reject");
  };

  // One key says why: of the suggestion rejected just now, the one in focus, or the next.
  const giveReason = (why) => {
    const one = row(rejected) ?? document.activeElement.closest("[data-row]");
    if (one && mode !== "reject") decide(one, "reject", why);
    else setMode("reject", why);
  };

  const showMeaning = () => {
    const one = current();
    const panel = document.getElementById("meaning");
    if (!one) return;
    if (panel.contains(document.activeElement)) focus(one);
    else if (panel.checkVisibility()) panel.focus();
    else {
      const inside = one.querySelector("details.meaning");
      inside.open = !inside.open;
      focus(one);
    }
  };

  const ACTS = {
    down: () => move(1),
    up: () => move(-1),
    reject: () => setMode(mode === "reject" ? null : "reject"),
    unsure: () => setMode(mode === "unsure" ? null : "unsure"),
    note: () => (row(rejected) ?? current())?.dispatchEvent(new CustomEvent("note:write", { bubbles: true })),
    meaning: showMeaning,
  };

  const keyOfRow = (event) => {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    return digit ? digit[1] : event.key.toLowerCase();
  };

  const onKey = (event) => {
    if (event.key === "Enter") {
      if (event.target.closest("a, button, summary")) return false;
      document.getElementById("act-finish")?.click();
      return true;
    }
    if (event.key === "Escape") {
      setMode(null);
      said.replaceChildren();
      if (document.activeElement === document.body) focus(title());
      return true;
    }
    if (event.key === "?") {
      help.showModal();
      return true;
    }
    const key = keyOfRow(event);
    const one = rows().find((found) => found.dataset.key && found.dataset.key === key);
    if (one) {
      const [verdict, why] = [event.shiftKey ? "reject" : mode ?? "accept", reason];
      setMode(null);
      decide(one, verdict, verdict === "reject" && why);
      return true;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && event.target.closest("[data-row]")) {
      move(step);
      return true;
    }
    const act = event.shiftKey && key !== event.key ? null : does.get(key);
    const button = act && desk.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
    if (ACTS[act]) ACTS[act]();
    else if (button) button.click();
    else if (act && desk.querySelector(`[data-reason][value="${act}"]`)) giveReason(act);
    else return false;
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.defaultPrevented || !box.checked || event.key === "/") return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.repeat && !/^(Arrow|down$|up$)/.test(does.get(event.key) ?? event.key)) return;
    if (onKey(event)) event.preventDefault();
  });

  document.addEventListener("focusin", (event) => {
    const one = event.target.closest?.("[data-row]");
    if (!one) return;
    currentSlug = one.dataset.row;
    showCurrent();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) help.showModal();
    if (!event.target.closest("[data-try-again]")) return;
    said.replaceChildren();
    focus(title());
    send();
  });

  addEventListener("beforeunload", (event) => line.length && event.preventDefault());

  const stored = (value) => {
    try {
      if (value) localStorage.setItem(STORE, value);
      return localStorage.getItem(STORE);
    } catch {
      return value; // storage refused: the choice lasts for this page
    }
  };

  box.addEventListener("change", () => {
    stored(box.checked ? "on" : "off");
    root.classList.toggle("no-keys", !box.checked);
  });
  box.checked = stored() !== "off";
  root.classList.toggle("no-keys", !box.checked);

  showCurrent();
  focus(title());
})();
