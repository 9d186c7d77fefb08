/* The map in other people's pages: the lines that put it there, and the way from there to the whole view. */
(function () {
  "use strict";
  const byId = function (id) { return document.getElementById(id); };

  function address(embedded) {
    const now = new URL(window.location.href);
    ["panel", "print", "draw", "embed"].forEach(function (name) { now.searchParams.delete(name); });
    if (embedded) now.searchParams.set("embed", "1");
    if (!now.searchParams.get("lang")) now.searchParams.set("lang", document.documentElement.lang === "en" ? "en" : "zh_CN");
    return now.href.replace(/%2C/g, ",").replace(/%3A/g, ":");
  }

  function quoted(text) {
    return text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
  }

  function lines() {
    return '<iframe src="' + quoted(address(true)) + '"\n  title="' + quoted(byId("map-embed").dataset.title) +
      '"\n  width="100%" height="520" style="border:0" loading="lazy"></iframe>';
  }

  function copied() {
    const said = byId("map-embed").querySelector(".said");
    said.textContent = said.dataset.said;
  }

  const ACTIONS = {
    open: function () {
      byId("map-embed").querySelector(".said").textContent = "";
      byId("map-embed-lines").value = lines();
      byId("map-embed").showModal();
      byId("map-embed-lines").select();
    },
    close: function () { byId("map-embed").close(); },
    copy: function () {
      const field = byId("map-embed-lines");
      field.select();
      if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(copied, function () {});
      else if (document.execCommand("copy")) copied();
    },
    full: function (link) { link.href = address(false); },
  };

  document.addEventListener("click", function (event) {
    const chosen = event.target.closest && event.target.closest("[data-embed]");
    if (chosen) ACTIONS[chosen.dataset.embed](chosen);
  }, true);
})();
