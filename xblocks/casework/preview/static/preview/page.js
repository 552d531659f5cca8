/* The page around the frame: follows the height that the unit reports, and closes the language list when one leaves it. */
(function () {
  "use strict";
  var frame = document.getElementById("unit");
  if (frame) {
    window.addEventListener("message", function (event) {
      if (event.source !== frame.contentWindow || event.origin !== window.location.origin) return;
      var message = event.data || {};
      if (message.type === "plugin.resize" && message.payload && message.payload.height > 0) {
        frame.style.blockSize = message.payload.height + "px";
      } else if (typeof message.offset === "number") {
        // As on the platform: a block asks to be scrolled to a place within its frame.
        window.scrollTo({ top: frame.getBoundingClientRect().top + window.scrollY + message.offset });
      }
    });
  }
  var list = document.querySelector(".lang");
  if (list) {
    document.addEventListener("click", function (event) { if (!list.contains(event.target)) list.open = false; });
    list.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !list.open) return;
      list.open = false;
      list.querySelector("summary").focus();
    });
  }
})();
