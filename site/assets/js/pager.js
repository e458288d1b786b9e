/* The register of a large portfolio, a page at a time. Its rows come from a script beside the page, since a page
   opened from disk may not fetch; what they hold is only ever written as text. The state is kept in the address. */
(function () {
  "use strict";

  var box = document.querySelector("[data-rows]");
  if (!box) return;
  var SIZE = 50, LEVELS = ["critical", "high", "medium", "low"];
  var RISK = 0, SYSTEM = 1, OWNER = 2, INHERENT = 3, RESIDUAL = 4, VERDICT = 5, APPETITE = 6, LIKELIHOOD = 7, IMPACT = 8,
    DECIDED = 9, MEASURE = 10, FIGURES = 11, VALUE = 12, N = 13, BOUND = 14, BY = 15, TAKEN = 16, RECORD = 17;

  function make(tag, attributes, children) {
    var element = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (key) {
      if (key === "text") element.textContent = attributes[key];
      else element.setAttribute(key, attributes[key]);
    });
    (children || []).forEach(function (child) { element.appendChild(child); });
    return element;
  }

  function capital(text) { return text.charAt(0).toUpperCase() + text.slice(1).replace(/_/g, " "); }

  function start(data) {
    var rows = data.rows, texts = [], shown = rows, page = 0, sorted = "", others = {};
    var body = box.querySelector("tbody"), heads = [].slice.call(box.querySelectorAll("thead th"));
    var search = make("input", { type: "search", placeholder: "Any words" });
    var count = make("output", { "aria-live": "polite" });
    var clear = make("button", { type: "button", text: "Show all" });
    var back = make("button", { type: "button", text: "Previous" }), next = make("button", { type: "button", text: "Next" });
    var where = make("span", {});
    var keys = {
      system: [function (r) { return data.systems[r[SYSTEM]][0]; }, "System"],
      level: [function (r) { return r[RESIDUAL]; }, "Residual"],
      verdict: [function (r) { return data.verdicts[r[VERDICT]][0]; }, "Verdict"],
      appetite: [function (r) { return r[APPETITE]; }, "Appetite"],
      category: [function (r) { return data.risks[r[RISK]][2]; }, "Category"],
      risk: [function (r) { return data.risks[r[RISK]][0]; }],
      likelihood: [function (r) { return String(r[LIKELIHOOD]); }],
      impact: [function (r) { return String(r[IMPACT]); }],
      decided: [function (r) { return r[DECIDED] ? "yes" : "no"; }]
    };
    var words = {
      system: function (v) { var s = data.systems.filter(function (x) { return x[0] === v; })[0]; return s ? s[1] : v; },
      verdict: function (v) { return data.verdicts.filter(function (x) { return x[0] === v; })[0][1]; },
      appetite: function (v) { return data.appetite[v]; }
    };
    var sorts = [
      function (r) { return data.risks[r[RISK]][1].toLowerCase(); }, function (r) { return data.systems[r[SYSTEM]][1].toLowerCase(); },
      function (r) { return -LEVELS.indexOf(r[INHERENT]); }, function (r) { return -LEVELS.indexOf(r[RESIDUAL]); },
      function (r) { return r[VERDICT]; }, function (r) { return r[MEASURE] || ""; },
      function (r) { return r[VALUE] === undefined || r[VALUE] === null ? -Infinity : r[VALUE]; },
      function (r) { return parseFloat((r[N] || "-1").replace(/,/g, "")) || -1; },
      function (r) { return r[BOUND] || ""; }, function (r) { return r[TAKEN] || ""; }
    ];
    var selects = {};

    function build() {
      var controls = make("div", { "class": "rk-filters", role: "search", "aria-label": "Filter: rows" });
      controls.appendChild(make("label", { text: "Find" }, [search]));
      Object.keys(keys).forEach(function (key) {
        var label = keys[key][1], seen = {};
        if (!label) return;
        rows.forEach(function (row) { seen[keys[key][0](row)] = true; });
        var values = Object.keys(seen).sort(function (a, b) {
          var i = LEVELS.indexOf(a), j = LEVELS.indexOf(b);
          return i >= 0 && j >= 0 ? i - j : a.localeCompare(b, "en", { numeric: true });
        });
        if (values.length < 2) return;
        selects[key] = make("select", {}, [make("option", { value: "", text: "All" })].concat(values.map(function (value) {
          return make("option", { value: value, text: words[key] ? words[key](value) : capital(value) });
        })));
        controls.appendChild(make("label", { text: label }, [selects[key]]));
        selects[key].addEventListener("change", change);
      });
      controls.appendChild(clear);
      controls.appendChild(count);
      box.insertBefore(controls, box.firstChild);
      box.appendChild(make("nav", { "class": "rk-pager", "aria-label": "Pages of the register" }, [back, where, next]));
      heads.forEach(function (head, column) {
        var button = make("button", { type: "button", "class": "rk-sort", text: head.textContent });
        head.textContent = "";
        head.appendChild(button);
        button.addEventListener("click", function () {
          sorted = sorted === column + "up" ? column + "down" : column + "up";
          page = 0;
          apply();
          remember();
        });
      });
    }

    function said(i) {
      if (texts[i] === undefined) {
        var r = rows[i], risk = data.risks[r[RISK]];
        texts[i] = [risk[1], risk[2], data.systems[r[SYSTEM]][1], r[OWNER], r[INHERENT], r[RESIDUAL], data.verdicts[r[VERDICT]][1],
          data.appetite[r[APPETITE]], r[MEASURE], r[FIGURES], r[BOUND], r[BY], r[TAKEN]].join(" ").toLowerCase();
      }
      return texts[i];
    }

    function apply() {
      var find = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      var wanted = Object.keys(keys).map(function (key) {
        return [keys[key][0], selects[key] ? selects[key].value : others[key] || ""];
      }).filter(function (pair) { return pair[1]; });
      shown = rows.filter(function (row, i) {
        return wanted.every(function (pair) { return pair[0](row) === pair[1]; }) &&
          find.every(function (word) { return said(i).indexOf(word) >= 0; });
      });
      order();
      page = Math.min(page, Math.max(0, Math.ceil(shown.length / SIZE) - 1));
      var extra = Object.keys(others).map(function (key) { return key + " " + others[key]; });
      count.textContent = (shown.length === rows.length ? "" : shown.length.toLocaleString("en") + " of ") +
        rows.length.toLocaleString("en") + " rows" + (extra.length ? ", " + extra.join(", ") : "");
      clear.hidden = shown.length === rows.length && !extra.length;
      show();
    }

    function order() {
      var column = parseInt(sorted, 10), up = /up$/.test(sorted);
      heads.forEach(function (head, i) {
        if (i === column) head.setAttribute("aria-sort", up ? "ascending" : "descending");
        else head.removeAttribute("aria-sort");
      });
      if (isNaN(column) || !sorts[column]) return;
      var keyed = shown.map(function (row) { return [sorts[column](row), row]; });
      keyed.sort(function (a, b) { return (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0) * (up ? 1 : -1); });
      shown = keyed.map(function (pair) { return pair[1]; });
    }

    function show() {
      var from = page * SIZE, part = document.createDocumentFragment();
      shown.slice(from, from + SIZE).forEach(function (row) { part.appendChild(line(row)); });
      body.textContent = "";
      body.appendChild(part);
      where.textContent = shown.length ? "Rows " + (from + 1).toLocaleString("en") + " to " +
        Math.min(from + SIZE, shown.length).toLocaleString("en") : "No row";
      back.disabled = page === 0;
      next.disabled = from + SIZE >= shown.length;
    }

    function soft(text) { return make("div", { "class": "rk-soft", text: text }); }

    function cell(label, children) { return make("td", { "data-label": label }, children); }

    function level(name) { return make("span", { "class": "rk-level rk-bg-" + name, text: capital(name) }); }

    function line(r) {
      var risk = data.risks[r[RISK]], system = data.systems[r[SYSTEM]], verdict = data.verdicts[r[VERDICT]];
      var place = "projects/" + system[0] + "/index.html", taken = [];
      if (r[TAKEN]) taken.push(make("div", { "class": "rk-nowrap", text: r[TAKEN] }));
      if (r[RECORD]) taken.push(make("a", { "class": "rk-cell-link", href: r[RECORD], text: "Executed cell",
        "aria-label": "Evidence: executed cell for " + r[MEASURE] }));
      return make("tr", {}, [
        make("th", { scope: "row" }, [make("a", { href: place + "#risk-" + risk[0], text: risk[1] }), soft(risk[2] + ", " + r[OWNER])]),
        cell("System", [make("a", { href: place, text: system[1] })]),
        cell("Inherent", [level(r[INHERENT])]),
        cell("Residual", [level(r[RESIDUAL]), document.createTextNode(" "),
          make("span", { "class": "rk-appetite rk-appetite-" + r[APPETITE], text: data.appetite[r[APPETITE]] })]),
        cell("Verdict", [make("span", { "class": "rk-verdict rk-g-" + verdict[0] + " rk-" + verdict[0], text: verdict[1] })]),
        cell("Worst measure", [r[MEASURE] ? make("span", { "class": "rk-measure", text: r[MEASURE] }) : soft("none")]),
        cell("Value and interval", [r[FIGURES] ? make("span", { "class": "rk-figure", text: r[FIGURES] }) : soft("not measurable")]),
        make("td", { "data-label": "n", "class": "rk-num", text: r[N] || "" }),
        cell("Threshold", r[BOUND] ? [make("div", { text: r[BOUND] }), soft(r[BY])] : []),
        cell("Taken on", taken)
      ]);
    }

    function change() { page = 0; apply(); remember(); }

    function remember() {
      var state = new URLSearchParams();
      if (search.value) state.set("q", search.value);
      Object.keys(selects).forEach(function (key) { if (selects[key].value) state.set(key, selects[key].value); });
      Object.keys(others).forEach(function (key) { state.set(key, others[key]); });
      if (sorted) state.set("sort", sorted);
      if (page) state.set("page", page + 1);
      try { history.replaceState(null, "", state.toString() ? "#" + state : location.pathname + location.search); } catch (e) { /* not allowed from some places */ }
    }

    function follow() {
      var state = new URLSearchParams(location.hash.slice(1));
      search.value = state.get("q") || "";
      sorted = /^\d+(up|down)$/.test(state.get("sort") || "") ? state.get("sort") : "";
      page = Math.max(0, (parseInt(state.get("page"), 10) || 1) - 1);
      others = {};
      Object.keys(keys).forEach(function (key) {
        if (selects[key]) selects[key].value = state.get(key) || "";
        else if (state.get(key)) others[key] = state.get(key);
      });
      apply();
    }

    var timer;
    search.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(change, 90); });
    clear.addEventListener("click", function () {
      search.value = "";
      others = {};
      Object.keys(selects).forEach(function (key) { selects[key].value = ""; });
      change();
      search.focus();
    });
    back.addEventListener("click", function () { page -= 1; show(); remember(); });
    next.addEventListener("click", function () { page += 1; show(); remember(); });
    addEventListener("hashchange", follow);
    build();
    follow();
    box.setAttribute("data-ready", "");
  }

  var script = make("script", { src: box.dataset.rows });
  script.addEventListener("load", function () { start(self.riskkitRows); });
  document.head.appendChild(script);
})();
