// @ts-check
"use strict";

// Sends what a learner typed or chose, keeps it in this browser until then, and prints. What is shown was drawn on the
// server, which has also made the html that comes back safe.

/**
 * @param {{handlerUrl: (element: unknown, handler: string) => string}} runtime
 * @param {Element | {0: Element}} element a DOM node, or jQuery around one
 * @param {{words: Record<string, string>, lang: string, personal: string[], key: string, csrf?: string}} args
 */
function CaseworkOwn(runtime, element, args) {
  const outer = element instanceof Element ? element : element[0];
  const root = /** @type {HTMLElement} */ (outer.matches(".cw") ? outer : outer.querySelector(".cw"));
  const live = /** @type {HTMLElement} */ (root.querySelector("[role=status]"));
  const name = `casework:own:${args.key}`;

  const digits = (/** @type {string | number} */ n) => String(n).replace(/\d/g, (one) => args.words.digits[+one]);

  // Storage may be forbidden, a language unknown to the browser.
  function attempt(use = () => {}) {
    try {
      use();
    } catch {}
  }

  function keep(/** @type {unknown} */ value) {
    attempt(() => {
      if (value === null || !args.key) localStorage.removeItem(name);
      else localStorage.setItem(name, JSON.stringify({at: Date.now(), value}));
    });
  }

  /** What was typed here and never sent, unless it is older than seven days. @returns {any} */
  function kept() {
    let found = null;
    attempt(() => {
      const one = JSON.parse(localStorage[name]);
      if (Date.now() - one.at > 6048e5) localStorage.removeItem(name);
      else found = one.value;
    });
    return found;
  }

  async function post(body = {}) {
    const [, token = args.csrf || ""] = /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie) || [];
    const response = await fetch(runtime.handlerUrl(element, "keep"), {
      method: "POST",
      headers: {"Content-Type": "application/json", "X-CSRFToken": token},
      body: JSON.stringify(body),
      signal: AbortSignal.timeout?.(30000),
    });
    if (!response.ok) throw response.status;
    return response.json();
  }

  /** Says a line below the form, and to whoever does not see it. */
  function say(words = "") {
    live.textContent = words;
    const hint = root.querySelector(".cw-hint");
    if (hint) hint.textContent = words;
  }

  async function send(body = {}, done = (/** @type {any} */ _answer) => {}) {
    say(args.words.saving);
    try {
      const answer = await post(body);
      keep(null);
      say(args.words.saved);
      done(answer);
    } catch {
      say(args.words.no_answer);
    }
  }

  function sentence(/** @type {HTMLFormElement} */ form) {
    const box = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
    let [warned, sent] = ["", box.value];
    box.value = kept() ?? box.value;
    box.addEventListener("input", () => {
      keep(box.value === sent ? null : box.value);
      say();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = box.value.trim();
      if (!text && !sent) return say(args.words.first_write);
      const [found] = args.personal.map((one) => new RegExp(one).exec(text)?.[1]).filter(Boolean);
      if (found && warned !== text) {
        warned = text;
        return say(args.words.personal.replace("{found}", found));
      }
      send({text}, () => void (sent = text));
    });
  }

  function judging(/** @type {HTMLFormElement} */ form) {
    const each = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-judgement]")]);
    const radios = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[type=radio]")]);
    const draft = kept() || {};
    for (const one of radios) one.checked = draft[one.name] === one.value;
    const chosen = () => Object.fromEntries(radios.filter((one) => one.checked).map((one) => [one.name, one.value]));
    form.addEventListener("input", () => {
      keep(chosen());
      say();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = chosen();
      const id = (one = root) => one.dataset.judgement || "";
      const open = each.filter((one) => !(`agree-${id(one)}` in said && `sure-${id(one)}` in said));
      for (const one of each) one.classList.toggle("cw-missing", open.includes(one));
      if (open.length) {
        say(args.words.judge_open.replace("{n}", digits(open.length)));
        const first = [...open[0].querySelectorAll("input")].find((one) => !(one.name in said)) || open[0];
        return first.focus();
      }
      const answers = Object.fromEntries(each.map((one) =>
        [id(one), [said[`agree-${id(one)}`] === "true", +said[`sure-${id(one)}`]]]));
      send({answers}, (answer) => {
        const inner = /** @type {HTMLElement} */ (root.querySelector(".cw-inner"));
        inner.innerHTML = answer.html;
        dates();
        const top = /** @type {HTMLElement} */ (inner.querySelector(".cw-done"));
        top.focus({preventScroll: true});
        top.scrollIntoView({block: "nearest"});
      });
    });
  }

  /** Dates as their language writes them; a browser that does not know the language gets numbers. */
  function dates() {
    root.querySelectorAll("time").forEach((one) => {
      const at = new Date(one.dateTime);
      let said = [at.getDate(), at.getMonth() + 1, at.getFullYear()].map(digits).join("/");
      attempt(() => {
        const [known] = Intl.DateTimeFormat.supportedLocalesOf(args.lang);
        if (known) said = digits(new Intl.DateTimeFormat(known, {dateStyle: "long"}).format(at));
      });
      one.textContent = said;
    });
  }

  root.querySelectorAll("form").forEach((form) => form.matches(".cw-judging") ? judging(form) : sentence(form));
  root.querySelector("[data-print]")?.addEventListener("click", () => print());
  dates();
}
