// @ts-check
"use strict";

/**
 * Studio's editor of a case: sends the form, and shows the findings of a refusal without losing a word.
 * @param {{handlerUrl: (element: unknown, name: string) => string, notify?: (name: string, data: object) => void}} runtime
 * @param {HTMLElement | {0: HTMLElement}} element a DOM node, or jQuery around one
 */
function CaseworkStudio(runtime, element) {
  const root = element instanceof Element ? element : element[0];
  const form = /** @type {HTMLFormElement} */ (root.querySelector("form.cw-studio"));
  const refusal = /** @type {HTMLElement} */ (form.querySelector(".cw-refusal"));
  const notify = (/** @type {string} */ name, /** @type {object} */ data) => runtime.notify?.(name, data);

  /** @param {string[]} lines */
  function show(lines) {
    const list = document.createElement("ul");
    list.className = "cw-findings";
    for (const line of lines) {
      const item = document.createElement("li");
      item.textContent = line;
      list.append(item);
    }
    const head = document.createElement("h3");
    head.textContent = form.dataset.refused || "";
    refusal.dataset.refused = "true";
    refusal.replaceChildren(head, list);
    refusal.tabIndex = -1;
    refusal.focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    notify("save", {state: "start"});
    const token = /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie);
    const body = Object.fromEntries(new FormData(form).entries());
    try {
      const answer = await fetch(runtime.handlerUrl(element, "studio_submit"), {
        method: "POST",
        headers: {"Content-Type": "application/json", "X-CSRFToken": token ? decodeURIComponent(token[1]) : ""},
        body: JSON.stringify(body),
      });
      const said = await answer.json();
      if (said.saved) notify("save", {state: "end"});
      else {
        show(said.findings || [said.error.message]);
        notify("error", {title: "", message: form.dataset.refused || ""});
      }
    } catch (error) {
      show([String(error)]);
      notify("error", {title: "", message: String(error)});
    }
  });
  form.querySelector(".cancel-button")?.addEventListener("click", () => notify("cancel", {}));
}
