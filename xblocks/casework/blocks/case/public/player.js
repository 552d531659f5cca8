// @ts-check
"use strict";

// Shows what the block sends, sends what the learner does: docs/architecture.md, "What travels". No rule of play and no
// word stands here. Only what the contract calls html is set as HTML: the server has made it safe. Types stand in
// player.d.ts, which no telephone loads, or follow from defaults.

/**
 * @param {Casework.Runtime} runtime
 * @param {Element | {0: Element}} element a DOM node, or jQuery around one
 * @param {Casework.Args} args
 */
function CaseworkCase(runtime, element, args) {
  /** `h("p.cw-note", {html: …}, child…)`; an attribute that is a function listens. @type {Casework.Make} */
  const h = (name, attributes = {}, ...children) => {
    const [tag, ...classes] = name.split(".");
    const made = /** @type {any} */ (document.createElement(tag));
    made.className = classes.join(" ");
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "function") made.addEventListener(key, value);
      else if (key === "html") made.innerHTML = value;
      else if (value !== false) made.setAttribute(key, value);
    }
    made.append(...children.filter(Boolean));
    return made;
  };

  const outer = element instanceof Element ? element : element[0];
  const root = /** @type {HTMLElement} */ (outer.querySelector(".cw") || outer.appendChild(h("div.cw")));
  const live = h("p.cw-sr", {role: "status"});
  const saved = h("span.cw-saved");
  const random = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
  const uid = random();

  /** @type {Casework.View} */
  let view;
  /** Not acknowledged yet, oldest first. @type {Casework.Move[]} */
  let queue = [];
  /** Acknowledged in this window, in case the server asks for them again. @type {Casework.Move[]} */
  const told = [];
  /** The task on screen. @type {{task: Casework.Task, asked: Casework.Asked} | null} */
  let due = null;
  /** The road ahead: where one stands on it, -1 for nowhere; what was decided since it came, as [event, way]. */
  let at = -1;
  /** @type {Casework.Stop[]} */
  let stops = [];
  /** What came with roads, by name. @type {Record<string, unknown>} */
  const texts = Object.create(null);
  /** @type {string[][]} */
  let made = [];
  /** The newest decision leads off the road, and waits for an answer: until then nothing else is decided. */
  let waiting = false;
  let busy = false;
  let tries = 0;
  let timer = 0;
  let since = 0;
  let before = "";
  let resume = () => {};
  /** @type {Promise<void> | null} */
  let resumed = null;
  const opened = new Set();

  const find = (selector = "") => /** @type {HTMLElement} */ (root.querySelector(selector));

  /** A number in the digits of the case's language. */
  const digits = (/** @type {string | number} */ n) => String(n).replace(/\d/g, (one) => args.words.digits[+one]);

  const t = (key = "", /** @type {Record<string, string | number>} */ values = {}) =>
    (args.words[key] || "").replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name];
      return typeof value === "number" ? digits(value) : value;
    });

  // Storage may be forbidden, a language unknown to the browser.
  function attempt(use = () => {}) {
    try {
      use();
    } catch {}
  }

  /** A date as its language writes it; a browser that does not know the language gets numbers. */
  const day = (date = "") => {
    const at = new Date(date);
    let said = [at.getDate(), at.getMonth() + 1, at.getFullYear()].map(digits).join("/");
    attempt(() => {
      const [known] = Intl.DateTimeFormat.supportedLocalesOf(args.lang);
      if (known) said = digits(new Intl.DateTimeFormat(known, {dateStyle: "long"}).format(at));
    });
    return said;
  };

  /** Warns once of a text that seems to hold a real person's data; the patterns are the server's. */
  function warner(box = h("textarea")) {
    let warned = "";
    return () => {
      const text = box.value.trim();
      const [found] = args.personal.map((one) => new RegExp(one).exec(text)?.[1]).filter(Boolean);
      if (!found || warned === text) return "";
      warned = text;
      return t("personal", {found});
    };
  }

  function button(words = "", press = () => {}, look = "quiet") {
    return h("button", {
      type: "button",
      class: "cw-" + look,
      // The second click of a double click lands on what has come to stand here.
      click: (/** @type {MouseEvent} */ event) => event.detail < 2 && press(),
    }, words);
  }

  // What waits or is being typed stays in this browser, by attempt and so by learner, for seven days at most.
  const keyOf = (name = "") => `casework:${view.attempt?.id}:${name}`;

  function keep(name = "", /** @type {unknown} */ value) {
    attempt(() => {
      if (!view.stored || value === null) localStorage.removeItem(keyOf(name));
      else localStorage.setItem(keyOf(name), JSON.stringify({at: Date.now(), value}));
    });
  }

  /** What is kept under names that begin so, oldest first. @returns {any[]} */
  function kept(prefix = "") {
    /** @type {{at: number, value: unknown}[]} */
    const found = [];
    attempt(() => {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith("casework:")) continue;
        const one = JSON.parse(localStorage[key]);
        if (Date.now() - one.at > 6048e5) localStorage.removeItem(key);
        else if (key.startsWith(keyOf(prefix))) found.push(one);
      }
    });
    return found.sort((a, b) => a.at - b.at).map((one) => one.value);
  }

  // Whoever looks over a shoulder finds nothing here: neither the page nor what this browser keeps.
  function leave() {
    queue = [];
    root.remove();
    attempt(() => Object.keys(localStorage).forEach((key) => key.startsWith("casework:") && localStorage.removeItem(key)));
    try {
      /** @type {Window} */ (window.top).location.replace(view.case.exit);
    } catch {
      location.replace(view.case.exit);
    }
  }

  /** What the foot says; `retry` makes it a thing to do. */
  function state(words = "", /** @type {(() => void) | null} */ retry = null) {
    saved.replaceChildren(words, " ", ...(retry ? [button(t("again"), retry)] : []));
    saved.dataset.done = String(!!words && words === t("saved"));
    live.textContent = words;
  }

  // Focus goes to what is new, and the page scrolls no further than it must. In a course this is a frame as high as its
  // content, and whoever frames it scrolls on being told where.
  function moveTo(target = root) {
    target.tabIndex = -1;
    target.focus({preventScroll: true});
    target.scrollIntoView({block: "nearest"});
    if (window.parent === window || !document.referrer) return;
    new IntersectionObserver(([seen], watcher) => {
      watcher.disconnect();
      const offset = target.getBoundingClientRect().top + scrollY;
      if (!seen.isIntersecting) window.parent.postMessage({offset}, new URL(document.referrer).origin);
    }).observe(target);
  }

  /** Rejects with the status, or 0 without an answer of ours. @returns {Promise<Casework.View>} */
  async function post(handler = "", body = {}) {
    const [, token = args.csrf || ""] = /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie) || [];
    const response = await fetch(runtime.handlerUrl(element, handler), {
      method: "POST",
      headers: {"Content-Type": "application/json", "X-CSRFToken": token},
      body: JSON.stringify(body),
      signal: AbortSignal.timeout?.(30000),
    }).catch(() => Promise.reject(0));
    if (!response.ok) throw response.status;
    // Whoever was signed out gets a page, with status 200.
    return response.json().catch(() => Promise.reject(0));
  }

  async function load(handler = "open", notice = "") {
    if (busy) return;
    busy = true;
    state(t("saving"));
    try {
      arrive(await post(handler));
    } catch (status) {
      busy = false;
      if (handler === "start" && status === 409) load("open", t("refreshed"));
      else state(t("no_answer"), () => load(handler, notice));
      return;
    }
    busy = false;
    state(view.attempt ? t("saved") : "");
    show(true, view.closed || notice);
  }

  /** A whole view has come, and with it a new road. */
  function arrive(/** @type {Casework.View} */ next) {
    view = next;
    [at, stops, made, waiting] = [-1, [], [], false];
    if (view.road) follow(view.road, "");
  }

  /** Takes a road that begins behind the event `from`, and goes along it to where one stands; keeps the old one otherwise. */
  function follow(/** @type {Casework.Road} */ road, from = "") {
    Object.assign(texts, road.texts);
    const since = made.slice(made.findIndex(([id]) => id === from) + 1);
    const to = since.reduce((stop, [, way]) => road.stops[stop]?.ways[way]?.[1] ?? -1, 0);
    if (to >= 0) [at, stops, made] = [to, road.stops, since];
  }

  /** A skip has no task. */
  function decide(task = "", /** @type {Casework.Move["answer"]} */ answer = null, /** @type {number | null} */ sure = null) {
    if (waiting) return;
    const move = {id: random(), prev: view.head, task, answer, sure, ms: Math.round(performance.now() - since)};
    const asked = due?.task;
    const way = asked?.kind === "choose" ? String(answer) : "";
    const leads = task ? stops[at]?.ways[way] : null;
    queue.push(move);
    made.push([move.id, way]);
    keep("event:" + move.id, move);
    view.head = move.id;
    at = leads?.[1] ?? -1;
    waiting = at < 0;
    if (waiting || !asked) due?.asked.lock();
    else {
      /** @type {[string, Casework.Stop]} */
      const [reply, stop] = JSON.parse(JSON.stringify([leads?.[0], stops[at]]), (_, one) => texts[one] ?? one);
      const chosen = way && asked.options.find((one) => one.id === way);
      const marks = Array.isArray(answer) ? answer : [];
      const file = view.file.map((one) => ({...one, new: false, ...one.id === asked.document && {
        marked: marks.length,
        parts: one.parts.map(({by, html}) =>
          ({by, html: marks.reduce((text, id) => text.replace(`"${id}"`, '$& class="cw-marked"'), html)})),
      }}));
      view.file = [...file, ...stop.file.filter((paper) => !file.some((one) => one.id === paper.id))];
      view.trail.push(asked.kind);
      view.last = chosen ? {decided: chosen.html, reply, summary: ""} : null;
      view.moment = stop.moment;
      chosen ? showReply() : show(true);
    }
    send();
  }

  async function send() {
    if (busy || !queue.length) return;
    busy = true;
    clearTimeout(timer);
    state(t("saving"));
    /** @type {Casework.View | null} */
    let come = null;
    let [task, aside, again] = ["", false, 0];
    while (queue.length) {
      const move = queue[0];
      // The newest texts are those that lie ahead.
      const held = waiting && queue.length < 2 ? null : !!stops[at]?.ask && Object.keys(texts).slice(-200);
      /** @type {Casework.View} */
      let reply;
      try {
        reply = await post("event", {...move, held, version: view.version});
      } catch (/** @type {any} */ status) {
        if (/400|409|413/.test(status)) return giveUp();
        busy = false;
        timer = setTimeout(send, Math.min(60000, 2000 * 2 ** tries++));
        return state(t("not_sent"), send);
      }
      tries = 0;
      if (reply.result === "resend") {
        // It lost what it had acknowledged: once, all that this window knows, from the oldest.
        if (again++ || !told.length) return giveUp();
        queue.unshift(...told.splice(0));
        continue;
      }
      aside ||= reply.result === "aside";
      told.push(move);
      queue.shift();
      keep("event:" + move.id, null);
      keep("draft:" + move.task, null);
      task = move.task;
      if (reply.phase) come = reply;
      else if (reply.road && !waiting) follow(reply.road, move.id);
    }
    busy = false;
    state(t("saved"));
    if (!come) return;
    await resumed;
    const asked = due?.task;
    arrive(come);
    asked && view.last && !aside && (!task || asked.id === task) ? showReply(!task) : show(true, aside ? t("aside") : "");
  }

  /** What waits fits nowhere any more; its draft stays. */
  function giveUp() {
    for (const one of queue) keep("event:" + one.id, null);
    queue = [];
    busy = waiting = false;
    load("open", t("refreshed"));
  }

  /** A whole page; nothing takes the focus when it has just been opened. */
  function stage(focus = false, kicker = "", title = "", /** @type {Casework.Child[]} */ ...[trail, ...rest]) {
    const {translation, review, exit} = view.case;
    const plan = !focus && view.plan?.due && view.plan;
    const draft = (words = "") => h("span.cw-draft", {}, words);
    const head = h("h2", {id: uid + "t", html: title});
    root.replaceChildren(h("section", {"aria-labelledby": head.id},
      h("header.cw-head", {}, h("div.cw-top", {}, h("p.cw-soft", {html: kicker}), exit && button(t("exit"), leave)), head, trail, h("p.cw-row", {},
        translation === "machine" && draft(t("machine")), review === "draft" && draft(t("draft"))),
        plan && h("div.cw-note.cw-notice", {}, h("b", {}, t("plan_due", {date: day(plan.at)})), h("p.cw-own", {}, plan.text)),
        // One's own words that do not count, to be read and copied.
        view.aside_texts[0] && h("details.cw-fold", {}, h("summary", {}, t("aside")), h("div", {}, ...view.aside_texts.map((one) => h("p.cw-own", {}, one))))),
      ...rest), live);
    if (focus) moveTo(head);
  }

  function show(focus = false, notice = "") {
    due = null;
    if (view.phase === "play") showMoment(focus, notice);
    else if (view.phase === "debrief") showDebrief(focus);
    else if (view.phase === "start") showStart(focus, notice);
    else root.replaceChildren(h("p.cw-pad", {}, t("faulty")), live);
  }

  const text = (html = "") => h("div.cw-text", {html});
  const labelled = (key = "", html = "") => html && h("div", {}, h("b", {}, t(key)), text(html));
  const help = () => h("div", {}, h("b", {}, t("help")), view.case.help ? text(view.case.help) : h("p", {}, t("help_near")));
  const soft = (/** @type {Casework.Child} */ words) => words && h("p.cw-soft", {}, words);
  const noted = (notice = "") => notice && h("p.cw-note.cw-notice", {}, notice);

  function showStart(focus = false, notice = "") {
    const {title, minutes, practise, care, exit} = view.case;
    stage(focus, minutes ? t("case_minutes", {n: minutes}) : t("case"), title, null,
      h("div.cw-body.cw-two", {},
        h("div.cw-main", {}, noted(notice), labelled("practise", practise),
          h("div.cw-note", {}, text(care), h("p", {}, t("care_skip")), exit && h("p", {}, t("exit_told")), help()),
          soft(view.left !== null && t("attempts_left", {n: view.left})),
          view.stored ? !view.closed && h("p.cw-row", {}, button(t("start"), () => load("start"), "go"), saved) : soft(t("not_stored"))),
        h("div.cw-file", {}, h("h3", {}, t("how")),
          h("ul", {}, ...[t("how_decisions"), t("how_explained"), t("how_written")].map((words) => h("li", {}, words))))));
  }

  function showMoment(focus = false, notice = "") {
    const {passages, task, skips} = view.moment;
    const asked = askers[task.kind](task);
    // A second task of a scene repeats the story above it; then what is new is the question.
    const story = JSON.stringify(passages);
    const same = before === story;
    before = story;
    due = view.closed ? null : {task, asked};
    since = performance.now();
    // How far one has come, and never how far it is: ways branch.
    const trail = h("p.cw-trail", {role: "img", "aria-label": t("trail", {n: view.trail.length})},
      ...view.trail.map((kind) => h("i", {"data-kind": kind})), h("i.cw-now", {"data-kind": task.kind}), h("i.cw-ahead"));
    stage(focus, view.case.title, passages[passages.length - 1].title, trail,
      withFile([
        noted(notice || (!focus && view.changed ? t("changed") : "")),
        !focus && view.last && h("details.cw-fold", {}, h("summary", {}, t("recap")), h("div", {}, ...outcome())),
        ...passages.flatMap((one) => [passages.length > 1 && h("h3", {html: one.title}), text(one.html)]),
      ], due && taskForm(task, asked)),
      foot(due ? skips : -1));
    if (focus && same && due) moveTo(find(".cw-ask"));
  }

  /** `skips` is -1 where nothing is left of the scene. */
  function foot(skips = -1) {
    return h("footer.cw-foot", {},
      button(t("pause"), () => interlude(t("paused"), t("go_on"), view.stored && h("p", {}, t("paused_kept")), help()), "link"),
      skips >= 0 && button(t("skip"), () => interlude(t("skip_ask"), t("skip_no"),
        h("p", {}, skips ? t("skip_told", {n: skips}) : t("skip_none")),
        skips > 0 && button(t("skip_yes"), () => {
          resume();
          find(".cw-main").replaceChildren();
          decide();
        }, "go")), "link"), saved);
  }

  // What troubled somebody is out of sight meanwhile.
  function interlude(title = "", back = "", /** @type {Casework.Child[]} */ ...parts) {
    const [body, under, from] = [find(".cw-body"), find(".cw-foot"), performance.now()];
    const head = h("h3", {}, title);
    const panel = h("div.cw-body", {}, h("div.cw-main", {}, head, ...parts, button(back, () => resume())));
    resumed = new Promise((done) => {
      resume = () => {
        panel.replaceWith(body);
        bare.replaceWith(under);
        under.append(saved);
        since += performance.now() - from;
        moveTo(find("h2"));
        done();
      };
    });
    const bare = h("footer.cw-foot", {}, saved);
    body.replaceWith(panel);
    under.replaceWith(bare);
    moveTo(head);
  }

  function taskForm(/** @type {Casework.Task} */ task, /** @type {Casework.Asked} */ asked) {
    const hint = h("p");
    const go = h("button.cw-go", {type: "submit"},
      task.kind === "spot" ? t("done_marking") : task.kind === "write" ? t("send") : t("decide"));
    const look = () => {
      hint.textContent = "";
      go.setAttribute("aria-disabled", String(!!asked.missing()));
    };
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      const why = asked.missing() || asked.warn?.();
      if (!why) return decide(task.id, asked.answer(), asked.sure?.());
      live.textContent = hint.textContent = why;
    };
    look();
    return h("form.cw-task", {submit, input: look}, ...asked.parts, hint, go);
  }

  const radio = (name = "", value = "", disabled = false) => h("input", {type: "radio", name: uid + name, value, disabled});

  function question(ask = "", /** @type {Casework.Option[]} */ options) {
    return h("fieldset", {}, h("legend.cw-ask", {html: ask}), ...options.map(({value, html, closed}) => {
      const shut = typeof closed === "string";
      return h("label.cw-opt", {"data-shut": shut}, radio("o", value, shut), h("span", {}, h("span", {html}),
        shut && h("small", {}, t("closed"), " ", h("span", {html: closed}))));
    }));
  }

  const picked = (within = root) => within.querySelector("input:checked")?.getAttribute("value") ?? "";

  const SCALE = ["-2", "-1", "0", "1", "2"];

  /** @type {Casework.Askers} */
  const askers = {
    choose(task) {
      const group = question(task.ask, task.options.map((one) => ({...one, value: one.id})));
      const sure = h("fieldset.cw-sure", {}, h("legend", {}, t("sure")), h("div", {}, ...["0", "1", "2"].map((n) =>
        h("label", {}, radio("s", n), h("span", {}, t("sure_" + n))))));
      return {
        parts: [group, task.confidence && sure],
        missing: () => !picked(group) ? t("first_choose") : task.confidence && !picked(sure) ? t("first_sure") : "",
        answer: () => picked(group),
        sure: () => task.confidence ? +picked(sure) : null,
        lock: () => void (group.disabled = sure.disabled = true),
      };
    },

    judge(task) {
      const group = question(task.ask, SCALE.map((value) => ({value, html: t("judge_" + value)})));
      return {
        parts: [labelled("claim", task.claim), labelled("news", task.news), group],
        missing: () => picked(group) ? "" : t("first_choose"),
        answer: () => +picked(group),
        lock: () => void (group.disabled = true),
      };
    },

    write(task) {
      const name = "draft:" + task.id;
      const count = h("p.cw-soft");
      const box = h("textarea", {id: uid + "w", rows: 7, maxlength: 20000, "aria-describedby": uid + "r"});
      const warn = warner(box);
      // Scripts without spaces have no words to count.
      const counts = task.minimum && !/^(th|lo|km|my)/.test(args.lang);
      const look = () => {
        const n = box.value.split(/\s+/).filter(Boolean).length;
        if (counts) count.textContent = t("advice", {n, m: task.minimum});
      };
      box.value = kept(name)[0] || "";
      box.addEventListener("input", () => {
        look();
        keep(name, box.value || null);
      });
      look();
      let can = false;
      attempt(() => void (can = !!localStorage));
      return {
        parts: [
          h("label.cw-ask", {for: uid + "w", html: task.ask}),
          h("div.cw-rows", {}, h("p", {}, t("looked_for")), h("ul", {}, ...task.rows.map((html) => h("li", {html})))),
          task.said && h("div.cw-note.cw-text", {html: task.said}),
          h("p.cw-caution", {id: uid + "r"}, t("no_report")), box, count, soft(can && t("draft_kept")),
        ],
        missing: () => box.value.trim() ? "" : t("first_write"),
        warn,
        answer: () => box.value.trim(),
        lock: () => void (box.readOnly = true),
      };
    },

    spot(task) {
      const name = "draft:" + task.id;
      const page = docPage(/** @type {Casework.Doc} */ (view.file.find((one) => one.id === task.document)));
      const phrases = /** @type {HTMLElement[]} */ ([...page.querySelectorAll("[data-phrase]")]);
      const pressed = (one = root) => one.getAttribute("aria-pressed") === "true";
      const marked = () => phrases.filter(pressed).map((one) => one.dataset.phrase || "");
      const count = h("p.cw-soft");
      let [locked, warned] = [false, false];
      const look = () => {
        const n = marked().length;
        count.textContent = n ? t("marked", {n}) : t("marked_none");
      };
      const toggle = (one = root) => {
        if (locked) return;
        one.setAttribute("aria-pressed", String(!pressed(one)));
        one.dispatchEvent(new Event("input", {bubbles: true}));
        warned = false;
        look();
        live.textContent = count.textContent;
        keep(name, marked());
      };
      const draft = kept(name)[0] || [];
      for (const one of phrases) {
        // A real button does not wrap within its sentence.
        one.setAttribute("role", "button");
        one.setAttribute("aria-pressed", draft.includes(one.dataset.phrase));
        one.tabIndex = 0;
        one.addEventListener("click", (event) => event.detail < 2 && toggle(one));
        one.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          if (!event.repeat) toggle(one);
        });
      }
      look();
      return {
        parts: [h("p.cw-ask", {html: task.ask}), page, count],
        missing: () => "",
        warn: () => {
          if (warned || marked().length) return "";
          warned = true;
          return t("marked_sure");
        },
        answer: marked,
        lock: () => void (locked = true),
      };
    },
  };

  const lines = (/** @type {Casework.Part[]} */ parts) =>
    parts.map(({by, html}) => h("div.cw-line", {}, h("b", {}, by), h("div", {html})));

  function docPage(/** @type {Casework.Doc} */ paper, /** @type {Casework.Child} */ more = null) {
    return h("div.cw-doc", {}, h("header", {}, h("b", {html: paper.title}), h("small", {}, t("kind_" + paper.kind)), more),
      paper.image && h("img", {src: paper.image[0], alt: paper.image[1]}), ...lines(paper.parts));
  }

  function withFile(/** @type {Casework.Child[]} */ story, /** @type {Casework.Child} */ form) {
    const {file} = view;
    // In the form already.
    const here = (one = file[0]) => one.id === due?.task.document;
    if (!file.length) return h("div.cw-body", {}, h("div.cw-main", {}, ...story, form));
    const slot = h("div.cw-slot");
    const lists = [h("ul"), h("ul")];
    const fold = h("summary");
    const look = () => {
      const unread = file.filter((one) => one.new && !here(one) && !opened.has(one.id));
      const n = unread.length;
      fold.textContent = t("file_folded", {n: file.length}) + (n ? " · " + t("file_new", {n}) : "");
      for (const list of lists) {
        list.replaceChildren(...file.map((one, at) => {
          const fresh = unread.includes(one);
          const click = () => {
            if (here(one)) return moveTo(find(".cw-task .cw-doc"));
            const page = docPage(one, button(t("doc_close"), () => {
              slot.replaceChildren();
              list.querySelectorAll("button")[at].focus();
            }, "link"));
            opened.add(one.id);
            slot.replaceChildren(page);
            look();
            moveTo(page);
          };
          return h("li", {}, h("button", {type: "button", click}, h("i", {"aria-hidden": "true"}, fresh ? "•" : "✓"),
            h("span", {}, h("span", {html: one.title}), h("small", {},
              here(one) ? t("doc_here") : fresh ? t("doc_new") : t("doc_read"),
              one.marked > 0 && " · " + t("doc_marked", {n: one.marked})))));
        }));
      }
    };
    look();
    return h("div.cw-body.cw-two", {},
      h("div.cw-main", {}, ...story, h("details.cw-fold.cw-narrow", {}, fold, h("div.cw-file", {}, lists[0])), slot, form),
      h("div.cw-file.cw-beside", {}, h("h3", {}, t("file")), lists[1]));
  }

  const outcome = ({decided, summary, reply} = /** @type {Casework.Last} */ (view.last)) => [
    decided && h("p.cw-chosen", {}, t("decided"), " ", h("span", {html: decided})),
    summary && h("div.cw-note", {}, soft(t("skipped")), text(summary)),
    reply && h("div.cw-reply.cw-text", {html: reply}),
  ].filter((one) => one instanceof HTMLElement);

  // The options, or all of a skipped scene, give way to what people did.
  function showReply(skipped = false) {
    const parts = outcome();
    const onward = [...parts, button(t("continue"), () => show(true), "go")];
    if (skipped) find(".cw-main").replaceChildren(...onward);
    else {
      root.querySelectorAll(".cw-fold,.cw-slot,.cw-notice").forEach((one) => one.remove());
      find(".cw-task").replaceWith(...onward);
    }
    due = null;
    find(".cw-foot").replaceWith(foot());
    moveTo(parts[skipped ? 0 : parts.length - 1]);
  }

  const chapter = (key = "", /** @type {Casework.Child[]} */ ...parts) =>
    parts.some((one) => one instanceof Node) && h("section", {}, h("h3", {}, t(key)), ...parts);
  const judged = (/** @type {{sure: number | null, tags: string[]}} */ {sure, tags}, words = "") =>
    h("p.cw-soft", {}, sure !== null && t("was_sure_" + sure) + " ", words,
      ...tags.map((tag) => h("span.cw-tag", {"data-tag": tag}, t("tag_" + tag))));

  /** One question, and who of the panel stands where. */
  function step(
    ask = "", /** @type {Casework.Child[]} */ under, /** @type {Casework.Vote[]} */ options, mine = "",
    /** @type {Casework.Child[]} */ reasons, /** @type {Casework.Part[]} */ opinions,
  ) {
    return h("article.cw-step", {}, h("header", {}, h("h4", {html: ask}), ...under),
      h("ul", {}, ...options.map((one) => h("li", {"data-mine": one.mine}, h("span", {html: one.html}),
        one.mine && h("b", {}, " " + mine), h("p", {}, ...one.by.map((by) => h("span", {}, by)))))),
      ...reasons,
      opinions.length > 0 && h("details", {}, h("summary", {}, t("opinions")),
        h("dl", {}, ...opinions.flatMap(({by, html}) => [h("dt", {}, by), h("dd", {html})]))));
  }

  /** @param {"div.cw-note" | "div.cw-note.cw-notice"} look */
  const remark = (head = "", words = "", look = "div.cw-note") => h(look, {}, h("h4", {}, head), h("p.cw-own", {}, words));

  function showDebrief(focus = false) {
    const {ending, figures: f, way, map, decisions, documents, writing, earlier, judgements, counted, again, next, other, compared} = view.debrief;
    const figure = (key = "", value = "", more = "") =>
      h("div", {}, h("dt", {}, t(key), more && h("small", {}, more)), h("dd", {}, value));
    const of = (n = 0, m = 0) => t("of", {n, m});

    const figures = h("dl.cw-facts", {},
      f.maximum && figure("points", of(f.points, f.maximum)),
      f.key_met && figure("key_taken", of(f.key_taken, f.key_met)),
      f.findable && figure("found", of(f.found, f.findable), t("false", {n: f.false})),
      figure("harmful", digits(f.harmful)));

    const steps = way.map((one, at) => h("li", {}, h("i", {"data-kind": one.kind}),
      h("small", {}, digits(at + 1), " · ", h("span", {html: one.scene})), h("span", {html: one.label}),
      judged(one, one.targets ? t("way_marks", {n: one.hits || 0, m: one.targets, f: one.false || 0}) : "")));

    const reasons = decisions.map((one) => step(one.ask, [judged(one)], one.options, t("mine"), [
      one.why && text(one.why),
      ...(one.others || []).map((other) =>
        h("div.cw-text", {}, h("p", {}, h("b", {}, t("other_way")), " ", h("span", {html: other.html})), text(other.why))),
    ], one.opinions));

    const papers = documents.map((paper) => {
      const page = docPage(paper);
      for (const kind of ["hit", "missed", "alarm"]) {
        // A screen reader does not see lines and colours.
        page.querySelectorAll("." + kind).forEach((one) => one.append(h("span.cw-sr", {}, ` (${t("mark_" + kind)})`)));
      }
      return page;
    });

    const answer = (/** @type {Casework.Writing} */ one) =>
      h("section", {}, h("p.cw-ask", {html: one.ask}),
        one.returned && remark(t("returned", {date: day(one.returned.at)}), one.returned.reason, "div.cw-note.cw-notice"),
        h("div.cw-pair", {},
          remark(t("wrote"), one.text ?? t("wrote_nothing")),
          h("div.cw-note", {}, h("h4", {}, t("practised")), text(one.practised))),
        h("ul.cw-levels", {}, ...one.rows.map((row) => h("li", {}, h("span", {html: row.text}), h("span", {},
          ...row.levels.map((html, n) => h("span", {"data-given": n === row.given}, h("span", {html}),
            n === row.given && h("span.cw-sr", {}, ` (${t("given")})`))))))),
        one.comment && remark(t("comment"), one.comment),
        soft(one.reviewed ? t("reviewed", {date: day(one.reviewed)}) : !one.returned && t("waiting")));
    const before = earlier.map(({number, at, changed, writing}) =>
      h("details.cw-fold", {}, h("summary", {}, t("earlier", {n: number, date: day(at)})),
        h("div", {}, h("div", {html: changed}), ...writing.map(answer))));

    const views = judgements.map(({ask, claim, news, value, opinions}) =>
      step(ask, [labelled("claim", claim), labelled("news", news)], SCALE.map((at) => ({
        html: t("judge_" + at),
        mine: +at === value,
        by: opinions.filter((one) => one.value === +at).map(({by}) => by),
      })), t("my_view"), [], opinions));
    const panel = [...decisions, ...judgements].some((one) => one.opinions.length) && soft(t("panel"));

    const sides = (compared?.rows || []).map(({ask, cells}) => h("article.cw-step", {}, h("header", {}, h("h4", {html: ask})),
      h("div.cw-pair", {}, ...cells.map((one, at) => h("div", {}, h("b", {html: compared?.titles[at]}),
        one.html ? h("p", {html: one.html}) : soft(t("not_met")), judged(one))))));

    const parts = [
      h("section", {}, figures, text(counted)),
      compared && chapter("compared", soft(t("compared_told")), h("div.cw-pair.cw-note", {}, ...compared.titles.map((html, at) =>
        h("div", {}, h("b", {html}), h("p", {html: compared?.endings[at]})))), ...sides),
      chapter("way", h("div.cw-map.cw-wide", {html: map.wide}), h("div.cw-map.cw-up", {html: map.upright}), soft(t("map")),
        h("ol.cw-way", {}, ...steps)),
      chapter("decisions", reasons.length > 0 && panel, ...reasons),
      chapter("there", papers.length > 0 && h("p.cw-row.cw-soft", {},
        ...["hit", "missed", "alarm"].map((kind) => h("span", {class: kind}, t("mark_" + kind)))), ...papers),
      chapter("writing", ...writing.map(answer), ...before),
      chapter("judgements", !reasons.length && panel, ...views),
      planForm(),
      h("p.cw-row.cw-ways", {}, button(t("print"), () => print()),
        !next && (again ? button(t("play_again"), () => load("start")) : soft(t("no_attempts"))), !next && saved),
    ];
    const todo = next && h(next.first ? "div.cw-note.cw-notice" : "div.cw-note.cw-ways", {},
      text(next.html), button(next.press, () => load("start"), "go"), saved);
    stage(focus, t("debrief", {title: view.case.title}), ending.title, null, h("div.cw-debrief", {},
      next?.first && todo,
      h("section", {},
        ...(ending.passages || []).flatMap((one) => [h("h3", {html: one.title}), text(one.html)]), text(ending.html)),
      !next?.first && todo,
      ...(other ? [
        h("details.cw-fold.cw-rest", {}, h("summary", {}, t("explain")), h("div.cw-debrief", {}, ...parts)),
      ] : parts)));
  }

  /** One sentence for one's own work, which comes back in two weeks. */
  function planForm() {
    const box = h("textarea", {id: uid + "p", rows: 3, maxlength: 2000, "aria-describedby": uid + "n"});
    const [warn, hint, paper] = [warner(box), h("p"), h("p.cw-own.cw-paper")];
    box.value = paper.textContent = kept("draft:plan")[0] ?? view.plan?.text ?? "";
    box.addEventListener("input", () => keep("draft:plan", paper.textContent = box.value));
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      const say = (words = "") => live.textContent = hint.textContent = words;
      if (say(warn())) return;
      say(t("saving"));
      try {
        view.plan = (await post("plan", {text: box.value})).plan;
        keep("draft:plan", null);
        say(t("saved"));
      } catch {
        say(t("no_answer"));
      }
    };
    return h("form.cw-plan", {submit}, h("h3", {}, h("label", {for: box.id}, t("plan"))), box, paper,
      h("div.cw-soft", {id: uid + "n"}, h("p", {}, t("plan_told")), h("p", {}, t("no_report"))), hint,
      h("button.cw-go", {type: "submit"}, t("plan_keep")));
  }

  function open(/** @type {Casework.View} */ first) {
    arrive(first);
    show();
    if (view.phase !== "play") return;
    state(t("saved"));
    live.textContent = "";
    queue = kept("event:");
    waiting = !!queue.length;
    if (waiting) due?.asked.lock();
    send();
  }

  window.addEventListener("online", send);
  root.lang = args.lang;
  if (args.open) open(args.open);
  else {
    root.replaceChildren(h("p.cw-pad", {}, saved), live);
    post("open").then(open, () => state(t("no_answer"), load));
  }
}
