// @ts-check
// Keys, drafts and clocks of the desk. Every page works without them; a draft stays in this browser and is never sent from here.
(() => {
  "use strict";
  const DRAFT = "casework-desk-draft:";
  const KEYS = "casework-desk-keys";
  const KEPT = 7 * 24 * 60 * 60 * 1000;

  /** @typedef { {at: number, seen: string, levels: Record<string, string>, comment: string} } Draft */

  // -- what this browser keeps; a browser that keeps nothing is no fault --

  /** @param {string} name @returns {string | null} */
  function kept(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  }

  /** @param {string} name @param {string | null} value */
  function keep(name, value) {
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch {
      // Full, or forbidden.
    }
  }

  /** @param {string} name @returns {Draft | null} */
  function draft(name) {
    try {
      const told = JSON.parse(kept(name) ?? "null");
      return told && Date.now() - told.at < KEPT && typeof told.comment === "string" && told.levels ? told : null;
    } catch {
      return null;
    }
  }

  function sweep() {
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(DRAFT) && !draft(name)) keep(name, null);
      }
    } catch {
      // Nothing is kept here.
    }
  }

  // -- drafts --

  /** @param {HTMLFormElement} form */
  function drafts(form) {
    const name = DRAFT + form.dataset.draft;
    const comment = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("comment"));
    const seen = /** @type {HTMLInputElement} */ (form.elements.namedItem("seen")).value;
    const radios = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[type=radio]")]);
    const notice = /** @type {HTMLElement} */ (form.querySelector("[data-drafted]"));
    const becomes = /** @type {HTMLElement} */ (form.querySelector("[data-becomes]"));

    function write() {
      const levels = Object.fromEntries(radios.filter((one) => one.checked).map((one) => [one.name, one.value]));
      keep(name, JSON.stringify({ at: Date.now(), seen, levels, comment: comment.value }));
    }

    function count() {
      const chosen = radios.filter((one) => one.checked);
      const rows = new Set(radios.map((one) => one.name)).size;
      becomes.hidden = chosen.length < rows;
      const sum = chosen.reduce((total, one) => total + Number(one.value), Number(form.dataset.besides));
      /** @type {HTMLElement} */ (becomes.querySelector("[data-points]")).textContent = String(sum);
    }

    function differs(/** @type {Draft} */ told) {
      return told.comment !== comment.value || radios.some((one) => one.checked !== (told.levels[one.name] === one.value));
    }

    const told = draft(name);
    if ("typed" in form.dataset) {
      write();
    } else if (told && differs(told)) {
      for (const one of radios) one.checked = told.levels[one.name] === one.value;
      comment.value = told.comment;
      notice.hidden = false;
      /** @type {HTMLElement} */ (notice.querySelector("[data-overtaken]")).hidden = told.seen === seen;
    }
    form.addEventListener("input", () => {
      write();
      count();
    });
    /** @type {HTMLElement} */ (notice.querySelector("[data-discard]")).addEventListener("click", () => {
      keep(name, null);
      form.reset();
      notice.hidden = true;
      count();
      comment.focus();
    });
    count();
  }

  // -- keys --

  /** @param {Element} target */
  const typing = (target) => target.closest("textarea, select, input:not([type=radio], [type=checkbox]), [contenteditable]");
  /** @param {Element} target */
  const acting = (target) => target.closest("a, button, summary, input[type=checkbox]");

  /** @param {KeyboardEvent} event A letter by its place where the keyboard writes another script. */
  function pressed(event) {
    if (event.key === "Enter") return "Enter";
    return /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const target = event.target;
    if (!(target instanceof Element) || event.isComposing || event.repeat || event.defaultPrevented) return;
    if (target instanceof HTMLTextAreaElement && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const button = target.form?.querySelector("button[name=do]");
      if (button instanceof HTMLButtonElement) {
        event.preventDefault();
        button.click();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (typing(target) || !document.documentElement.classList.contains("keys")) return;
    const key = pressed(event);
    if (key === "Enter" && acting(target)) return;
    const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (found instanceof HTMLElement) {
      event.preventDefault();
      found.click();
    }
  }

  function keys() {
    const on = () => kept(KEYS) !== "off";
    const switches = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-keys]")]);
    const show = () => {
      document.documentElement.classList.toggle("keys", on());
      for (const one of switches) {
        one.hidden = false;
        one.textContent = (on() ? one.dataset.off : one.dataset.on) ?? "";
      }
    };
    for (const one of switches) {
      one.addEventListener("click", () => {
        keep(KEYS, on() ? "off" : null);
        show();
      });
    }
    show();
    document.addEventListener("keydown", onKey);
  }

  // -- clocks --

  function clocks() {
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-until]"))) {
      const left = Date.parse(one.dataset.until ?? "") - Date.now();
      const number = one.querySelector("[data-minutes]");
      if (number) number.textContent = String(Math.max(0, Math.ceil(left / 60000)));
      const meanwhile = /** @type {HTMLElement | null} */ (one.querySelector("[data-while]"));
      const over = /** @type {HTMLElement | null} */ (one.querySelector("[data-over]"));
      if (meanwhile) meanwhile.hidden = left <= 0;
      if (over) over.hidden = left > 0;
    }
  }

  // One press is one review: a second one while the first is on its way is stopped.
  let sent = false;
  document.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    else if (event.target instanceof HTMLFormElement && event.target.method === "post") sent = true;
  });
  window.addEventListener("pageshow", () => (sent = false));

  const saved = /** @type {HTMLElement | null} */ (document.querySelector("[data-saved]"));
  if (saved) keep(DRAFT + saved.dataset.saved, null);
  sweep();
  const form = document.querySelector("form[data-draft]");
  if (form instanceof HTMLFormElement) drafts(form);
  keys();
  clocks();
  setInterval(clocks, 15000);
  const told = document.querySelector("p[role=alert], #saved, #flag:target [role=status]");
  if (told instanceof HTMLElement) told.focus();
})();
