/* Links that change the address in place, clicks on chart columns, and charts that fit the printed page. */
(function () {
  "use strict";

  function go(params) {
    window.dash_clientside.gengxin.go(params);
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest("a[data-in-place]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.pathname !== window.location.pathname) return;
    event.preventDefault();
    go(new URLSearchParams(link.search));
  });

  function toggle(name, value) {
    const params = new URLSearchParams(window.location.search);
    const chosen = (params.get(name) || "").split(",").filter(Boolean);
    const kept = chosen.includes(value) ? chosen.filter((part) => part !== value) : chosen.concat(value);
    if (kept.length) params.set(name, kept.join(","));
    else params.delete(name);
    go(params);
  }

  function eachPicture(change) {
    document.querySelectorAll(".js-plotly-plot .main-svg").forEach(change);
  }

  window.addEventListener("beforeprint", function () {
    eachPicture(function (svg) {
      svg.setAttribute("viewBox", "0 0 " + svg.getAttribute("width") + " " + svg.getAttribute("height"));
    });
  });
  window.addEventListener("afterprint", function () {
    eachPicture((svg) => svg.removeAttribute("viewBox"));
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    pipeline: {
      draw: (graph) => graph,
      filterByColumn: function (clicked) {
        const point = clicked && clicked.points && clicked.points[0];
        if (!point) return window.dash_clientside.no_update;
        toggle("batch", String(point.customdata));
        return null;
      },
    },
  });
})();
