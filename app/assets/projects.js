/* The project grid: its look, its order and place in the address, links and keys. */
(function () {
  "use strict";
  const html = function (tag, attributes, children) {
    return window.React.createElement(tag, attributes, children);
  };
  let theme = null;
  let grid = null;

  function address(code) {
    return "/projects/" + encodeURIComponent(code) + window.location.search;
  }

  function keepPlace(api) {
    const onList = window.location.pathname.replace(/\/$/, "") === "/projects";
    if (!api || !api.gengxinPlaced || api.isDestroyed() || !onList) return;
    const row = api.getFirstDisplayedRowIndex();
    window.history.replaceState(Object.assign({}, window.history.state, { row: row }), "");
  }

  function open(code) {
    keepPlace(grid);
    window.dash_clientside.set_props("url", {
      pathname: "/projects/" + encodeURIComponent(code),
      search: window.location.search,
    });
    window.scrollTo(0, 0);
  }

  function sorted(api) {
    const column = api.getColumnState().find(function (state) { return state.sort; });
    return column ? column.colId + "." + column.sort : "";
  }

  function filters(search) {
    const params = new URLSearchParams(search || "");
    ["sort", "lang"].forEach(function (name) { params.delete(name); });
    params.sort();
    return params.toString();
  }

  function applySort(api, wanted) {
    const parts = wanted.split(".");
    api.applyColumnState({
      state: wanted ? [{ colId: parts[0], sort: parts[1] === "desc" ? "desc" : "asc" }] : [],
      defaultState: { sort: null },
    });
  }

  function link(event, code) {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(code);
  }

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  functions.gengxinTheme = function (base) {
    theme = theme || base.withParams({
      accentColor: "var(--primary)",
      backgroundColor: "var(--raised)",
      foregroundColor: "var(--ink)",
      borderColor: "var(--line)",
      rowBorder: { color: "var(--line-soft)" },
      headerBackgroundColor: "var(--raised)",
      headerTextColor: "var(--muted)",
      headerFontWeight: 500,
      headerFontSize: 12,
      rowHoverColor: "var(--hover)",
      oddRowBackgroundColor: "transparent",
      tooltipBackgroundColor: "var(--raised)",
      tooltipTextColor: "var(--ink)",
      fontFamily: "var(--font)",
      fontSize: 13,
      rowHeight: 30,
      headerHeight: 32,
      cellHorizontalPadding: 10,
      wrapperBorder: false,
      wrapperBorderRadius: 0,
      browserColorScheme: "inherit",
    });
    return theme;
  };
  functions.gengxinSorted = function (event) {
    const wanted = sorted(event.api);
    const params = new URLSearchParams(window.location.search);
    if ((params.get("sort") || "code.asc") === (wanted || "code.asc")) return;
    if (wanted && wanted !== "code.asc") params.set("sort", wanted);
    else params.delete("sort");
    window.dash_clientside.gengxin.go(params);
  };
  functions.gengxinKey = function (event) {
    const follows = ["code", "name"].indexOf(event.column.getColId()) >= 0;
    if (event.event.key === "Enter" && follows && event.data) open(event.data.code);
  };
  functions.gengxinScrolled = function (event) {
    keepPlace(event.api);
  };
  functions.gengxinLoaded = function (event) {
    grid = event.api;
    if (grid.gengxinPlaced || !grid.isLastRowIndexKnown()) return;
    const row = (window.history.state || {}).row;
    if (row && row < grid.getDisplayedRowCount()) grid.ensureIndexVisible(row, "top");
    grid.gengxinPlaced = true;
  };

  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  components.ProjectLink = function (props) {
    if (!props.data) return props.column.getColId() === "name" ? html("span", { className: "waiting" }) : null;
    const code = props.data.code;
    return html("a", {
      href: address(code),
      tabIndex: -1,
      onClick: function (event) { link(event, code); },
    }, props.value);
  };
  components.DistrictCell = function (props) {
    if (!props.data) return null;
    const badge = props.data.cross && html("span", { key: "cross", className: "badge cross" }, props.data.cross);
    return html("span", { className: "districts" }, [html("span", { key: "name" }, props.value), badge]);
  };
  components.BadgeCell = function (props) {
    return props.value ? html("span", { className: "badge fresh" }, props.value) : null;
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    projects: {
      follow: function (search, shown) {
        const wanted = filters(search);
        const api = grid && !grid.isDestroyed() ? grid : null;
        if (!api || shown === undefined || shown === null) return wanted;
        const order = new URLSearchParams(search || "").get("sort") || "code.asc";
        if ((sorted(api) || "code.asc") !== order) applySort(api, order);
        else if (wanted !== shown) api.purgeInfiniteCache();
        if (wanted !== shown) api.ensureIndexVisible(0, "top");
        return wanted;
      },
      sum: function (values) {
        const total = values.flat().reduce(function (sum, value) { return sum + (Number(value) || 0); }, 0);
        const whole = Math.abs(total - 100) < 1e-7;
        return [total.toLocaleString(undefined, { maximumFractionDigits: 8 }) + " %", whole ? "sum whole" : "sum off"];
      },
      copy: function (clicks, done) {
        if (!clicks) return window.dash_clientside.no_update;
        const params = new URLSearchParams();
        const city = new URLSearchParams(window.location.search).get("city");
        if (city) params.set("city", city);
        const link = window.location.origin + window.location.pathname + (city ? "?" + params.toString() : "");
        const field = document.createElement("textarea");
        field.value = link;
        document.body.appendChild(field);
        field.select();
        document.execCommand("copy");
        field.remove();
        return done;
      },
    },
  });
})();
