/* Starts the blocks of this document as the platform does, tells the page around the frame how tall it is, and notes
   what has been read. A learner's view is started with its DOM node, a Studio editor with a jQuery object. */
(function () {
  "use strict";
  var studio = document.querySelector(".studio");

  function address(element, handler, suffix, query) {
    var usage = $(element).closest(".xblock").data("usage-id");
    return "/handler/" + usage + "/" + handler + "/" + (suffix || "") + (query ? "?" + query.replace(/^[?&]/, "") : "");
  }

  function tell(event, data) {
    // Studio's modal: "save" is said at the start and at the end, "cancel" at once, "error" with a title and message.
    if (!studio) return;
    var line = document.querySelector(".editor-state");
    if (event === "cancel" || (event === "save" && data && data.state === "end")) {
      window.location.assign(studio.dataset.back);
    } else if (event === "save") {
      line.textContent = (data && data.message) || "Saving…";
    } else if (event === "error") {
      line.textContent = data ? [data.title, data.message].filter(Boolean).join(": ") : "The change was not saved.";
    }
  }

  var runtime = {
    handlerUrl: address,
    notify: tell,
    listenTo: function () {},
    refreshXBlock: function () { window.location.reload(); },
    children: function (element) { return $(element).find(".xblock").toArray(); },
    childMap: function (element, name) {
      return this.children(element).find(function (child) { return $(child).data("name") === name; });
    },
  };

  function start(element) {
    var init = window[element.dataset.init];
    if (typeof init !== "function") return;
    var args = element.querySelector(":scope > .xblock-json-init-args");
    var block = new init(runtime, studio ? $(element) : element, args ? JSON.parse(args.textContent) : undefined) || {};
    block.element = element;
    block.name = element.dataset.name;
    $(element).trigger("xblock-initialized", [block]).addClass("xblock-initialized");
  }

  // The innermost first, so that a container finds its children started.
  Array.from(document.querySelectorAll(".xblock[data-init]")).reverse().forEach(function (element) {
    try {
      start(element);
    } catch (error) {
      console.error(error); // one block's fault must not stop the others
    }
  });

  if (window.parent !== window && window.ResizeObserver) {
    var main = document.querySelector("main");
    new ResizeObserver(function () {
      var height = Math.ceil(main.getBoundingClientRect().bottom + window.scrollY);
      window.parent.postMessage({ type: "plugin.resize", payload: { height: height } }, window.location.origin);
    }).observe(main);
  }

  var delay = Number(document.body.dataset.delay || 0);
  if (window.IntersectionObserver) {
    var timers = new Map();
    var seen = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        clearTimeout(timers.get(entry.target));
        if (!entry.isIntersecting) return;
        timers.set(entry.target, setTimeout(function () {
          seen.unobserve(entry.target);
          $.post(entry.target.dataset.completesByView);
        }, delay));
      });
    });
    document.querySelectorAll("[data-completes-by-view]").forEach(function (element) { seen.observe(element); });
  }
})();
