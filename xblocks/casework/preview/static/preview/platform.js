/* What the platform's pages offer to blocks before any block's script runs: the few globals that capa and others use. */
(function () {
  "use strict";
  function cookie(name) {
    var found = document.cookie.split("; ").find(function (pair) { return pair.indexOf(name + "=") === 0; });
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }
  var nothing = function () {};
  window.gettext = window.gettext || function (text) { return text; };
  window.ngettext = window.ngettext || function (one, many, count) { return count === 1 ? one : many; };
  window.Logger = { log: nothing, listen: nothing };
  window.SR = { clear: nothing, readText: nothing, readTexts: nothing };
  window.edx = {
    StringUtils: {
      interpolate: function (text, values) {
        return text.replace(/{\w+}/g, function (key) {
          var value = values[key.slice(1, -1)];
          return value === undefined ? key : value;
        });
      },
    },
    HtmlUtils: { HTML: function (html) { return { toString: function () { return String(html); } }; } },
  };
  $.postWithPrefix = $.post;
  $.getWithPrefix = $.get;
  $.ajaxSetup({
    beforeSend: function (xhr, settings) {
      if (!settings.crossDomain) xhr.setRequestHeader("X-CSRFToken", cookie("csrftoken"));
    },
  });
})();
