/* Small things that belong in the browser: the address as state, theme, print. */
(function () {
  "use strict";
  const PREFIX = "filter-";

  let place = window.location.pathname;

  function text(value) {
    if (value === null || value === undefined || value === false) return "";
    if (value === true) return "1";
    return Array.isArray(value) ? value.join(",") : String(value);
  }

  function flat(list) {
    return list.flat ? list.flat() : list;
  }

  /* The address changes at once, so that the next change builds on it; Dash is told after. The map writes its view
     over the address in place, without telling Dash; a change therefore carries the whole of it. */
  function go(params) {
    const query = params.toString().replace(/%2C/g, ",").replace(/%3A/g, ":"), search = query ? "?" + query : "";
    if (search === window.location.search) return;
    window.history.pushState({}, "", window.location.pathname + search);
    window.dash_clientside.set_props("url", { search: search, href: window.location.href });
  }

  function cookie(name, value) {
    document.cookie = name + "=" + value + ";path=/;max-age=31536000;samesite=lax";
  }

  window.addEventListener("beforeprint", function () {
    const place = document.getElementById("printed-at");
    if (!place) return;
    const day = new Date().toISOString().slice(0, 10);
    place.textContent = place.dataset.label + " " + day + " · " + window.location.href;
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    gengxin: {
      go: go,
      writeAddress: function () {
        const params = new URLSearchParams(window.location.search);
        flat(window.dash_clientside.callback_context.inputs_list).forEach(function (input) {
          const name = input.id.slice(PREFIX.length);
          const value = text(input.value);
          if (value) params.set(name, value);
          else params.delete(name);
        });
        go(params);
        return window.dash_clientside.no_update;
      },
      readAddress: function (search) {
        const params = new URLSearchParams(search || "");
        const answers = flat(window.dash_clientside.callback_context.states_list).map(function (state) {
          const wanted = params.get(state.id.slice(PREFIX.length)) || "";
          if (wanted === text(state.value)) return window.dash_clientside.no_update;
          if (Array.isArray(state.value)) return wanted ? wanted.split(",") : [];
          if (typeof state.value === "boolean") return wanted === "1";
          return wanted;
        });
        return answers.length === 1 ? answers[0] : answers;
      },
      setParams: function (changes) {
        if (!changes) return window.dash_clientside.no_update;
        const params = new URLSearchParams(window.location.search);
        Object.keys(changes).forEach(function (name) {
          const value = text(changes[name]);
          if (value) params.set(name, value);
          else params.delete(name);
        });
        go(params);
        return window.dash_clientside.no_update;
      },
      clearFilters: function (clicks) {
        if (!clicks) return window.dash_clientside.no_update;
        const params = new URLSearchParams(window.location.search);
        const kept = new URLSearchParams();
        ["city", "lang", "figure", "sort"].forEach(function (name) {
          if (params.get(name)) kept.set(name, params.get(name));
        });
        go(kept);
        return window.dash_clientside.no_update;
      },
      /* The address without the parameters that a part of the page does not look at; what stays as it was, stays. */
      parts: function (search, ignored) {
        const held = Array.prototype.slice.call(arguments, 2);
        return ignored.map(function (names, i) {
          const params = new URLSearchParams(search);
          names.forEach(function (name) { params.delete(name); });
          const asked = "?" + params.toString();
          return asked === held[i] ? window.dash_clientside.no_update : asked;
        });
      },
      arrive: function () {
        window.requestAnimationFrame(function () {
          const title = document.querySelector("main h1");
          if (title) document.title = title.textContent + " · Gengxin 更新";
        });
        return window.dash_clientside.no_update;
      },
      leave: function () {
        window.dash_clientside.set_props("error-notice", { children: null });
        if (window.location.pathname !== place) window.scrollTo(0, 0);
        place = window.location.pathname;
        return window.dash_clientside.no_update;
      },
      toggleTheme: function (clicks) {
        if (!clicks) return window.dash_clientside.no_update;
        const dark = document.documentElement.getAttribute("data-mantine-color-scheme") === "dark";
        cookie("gengxin_theme", dark ? "light" : "dark");
        window.location.reload();
        return window.dash_clientside.no_update;
      },
      switchLanguage: function (clicks, wanted) {
        if (!clicks) return window.dash_clientside.no_update;
        const params = new URLSearchParams(window.location.search);
        params.set("lang", wanted);
        window.location.search = params.toString();
        return window.dash_clientside.no_update;
      },
      print: function (clicks) {
        const map = window.gengxinMap;
        if (clicks && map && map.gl && map.byId("map-print")) map.print.open();
        else if (clicks) window.print();
        return window.dash_clientside.no_update;
      },
    },
  });
})();
