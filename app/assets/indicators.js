/* The page of indicators: its choices and order in the address, its table, and runs that a person asks for. */
(function () {
  "use strict";
  const DEFAULT = "value.desc";
  const KINDS = ["csv", "xlsx", "gpkg", "geojson", "parquet"];
  let grid = null;

  const same = () => window.dash_clientside.no_update;
  const here = () => window.location.pathname.replace(/\/$/, "") === "/indicators";

  function sorted(api) {
    const column = api.getColumnState().find((state) => state.sort);
    return column ? column.colId + "." + column.sort : DEFAULT;
  }

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  functions.gengxinIndicatorSorted = function (event) {
    if (event.source !== "uiColumnSorted") return;
    const wanted = sorted(event.api), params = new URLSearchParams(window.location.search);
    if (wanted === DEFAULT) params.delete("sort");
    else params.set("sort", wanted);
    window.dash_clientside.gengxin.go(params);
  };
  functions.gengxinIndicatorLoaded = function (event) {
    grid = event.api;
  };

  /* What is not known comes last in both directions. */
  functions.gengxinUnknownLast = function (one, other, _row, _otherRow, descending) {
    const gone = (value) => value === null || value === undefined;
    if (gone(one) || gone(other)) return (gone(one) - gone(other)) * (descending ? -1 : 1);
    return one < other ? -1 : one > other ? 1 : 0;
  };

  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  components.IndicatorVerdict = function (props) {
    if (!props.data || !props.data.judged) return null;
    const mark = { pass: "✓", fail: "✗", warn: "!", info: "○" }[props.data.judged];
    return window.React.createElement("span", { className: "verdict " + props.data.judged }, mark + " " + props.data.judged_text);
  };

  /* Events of a stream, one JSON object each. */
  async function events(answer, heard) {
    const reader = answer.body.getReader(), decoder = new TextDecoder();
    let rest = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (rest + decoder.decode(part.value, { stream: true })).split("\n\n");
      rest = lines.pop();
      lines.forEach((line) => heard(JSON.parse(line.slice(line.indexOf("{")))));
    }
  }

  async function compute(button, speed, said) {
    const body = JSON.stringify(Object.assign({ units: button.dataset.units }, speed ? { speed: Number(speed) } : {}));
    const headers = { "Content-Type": "application/json" };
    const url = "/api/v1/cities/" + encodeURIComponent(button.dataset.city) + "/indicators/runs" + window.location.search;
    const answer = await fetch(url, { method: "POST", headers: headers, body: body });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    let end = null;
    await events(answer, function (event) {
      if (event.total) {
        said.textContent = button.dataset.progress.replace("{done}", event.done).replace("{total}", event.total);
        said.style.setProperty("--done", (100 * event.done) / event.total + "%");
      } else end = event;
    });
    if (!end) throw new Error(button.dataset.failed);
    if (end.error) throw new Error(end.detail);
  }

  function renewed() {
    const params = new URLSearchParams(window.location.search);
    ["run", "run2"].forEach((name) => params.delete(name));
    const search = "?" + params.toString();
    if (here() && search === window.location.search) window.dash_clientside.set_props("indicators-asked", { data: search + "&" });
    else if (here()) window.dash_clientside.gengxin.go(params);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    indicators: {
      asked: function (search, held) {
        const params = new URLSearchParams(search || "");
        params.delete("sort");
        const asked = "?" + params.toString();
        return asked === held ? same() : asked;
      },
      exports: function (held, search) {
        const asked = new URLSearchParams(search || ""), query = new URLSearchParams(held ? held.shown : {});
        ["city", "lang"].filter((name) => asked.has(name)).forEach((name) => query.set(name, asked.get(name)));
        if (held && held.orders.includes(asked.get("sort"))) query.set("sort", asked.get("sort"));
        return KINDS.map((kind) => "/export/indicators." + kind + "?" + query.toString());
      },
      choose: function (values, held) {
        const params = new URLSearchParams(window.location.search);
        const inputs = window.dash_clientside.callback_context.inputs_list.flat(2);
        const changed = inputs.filter((one) => one.value && held && one.value !== held.shown[one.id.name]);
        if (!changed.length) return same();
        changed.forEach(function (one) {
          params.set(one.id.name, one.value);
          const suffix = one.id.name.replace("indicator", ""), alike = held.alike[suffix];
          if (alike && !alike.includes(one.value)) ["class", "basis"].forEach((name) => params.delete(name + suffix));
        });
        window.dash_clientside.gengxin.go(params);
        return same();
      },
      renew: function () {
        if (grid && !grid.isDestroyed() && grid.getGridOption("rowModelType") === "infinite") grid.purgeInfiniteCache();
        return same();
      },
      follow: function (search) {
        if (!here() || !grid || grid.isDestroyed()) return same();
        const wanted = new URLSearchParams(search || "").get("sort") || DEFAULT, parts = wanted.split(".");
        if (sorted(grid) !== wanted) {
          grid.applyColumnState({ state: [{ colId: parts[0], sort: parts[1] }], defaultState: { sort: null } });
        }
        return same();
      },
      compute: function (clicks, speed) {
        const button = document.getElementById("indicator-compute"), said = document.getElementById("indicator-progress");
        if (!clicks || button.disabled) return same();
        button.disabled = true;
        said.className = "progress";
        said.textContent = button.dataset.busy;
        compute(button, speed, said).then(renewed, function (error) {
          said.textContent = error.message;
          said.className = "progress failed";
        }).finally(() => { button.disabled = false; });
        return same();
      },
    },
  });
})();
