/* Filter, sort and search for the tables of the site. Without it every row is simply there.
   The state is kept in the address: #verdict=breached&q=credit */
(function () {
  "use strict";

  function make(tag, attributes, children) {
    var element = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (key) {
      if (key === "text") element.textContent = attributes[key];
      else element.setAttribute(key, attributes[key]);
    });
    (children || []).forEach(function (child) { element.appendChild(child); });
    return element;
  }

  function spoken(value) {
    var text = value.replace(/_/g, " ");
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  var ORDER = ["critical", "high", "medium", "low", "breached", "error", "missing", "stale", "inconclusive", "met",
    "not_applicable", "no", "unknown", "yes"];
  var LABELS = { appetite: { no: "Outside", yes: "Within", unknown: "Unknown" }, verdict: { not_applicable: "Not measurable" } };

  function byOrder(a, b) {
    var i = ORDER.indexOf(a), j = ORDER.indexOf(b);
    return i >= 0 && j >= 0 ? i - j : a.localeCompare(b, "en", { numeric: true });
  }

  function Table(box) {
    var table = box.querySelector("table");
    var rows = [].slice.call(box.querySelectorAll("[data-row]"));
    var texts = rows.map(function (row) { return row.textContent.toLowerCase().replace(/\s+/g, " "); });
    var noun = box.dataset.table.toLowerCase();
    var selects = {}, others = {};
    var search = make("input", { type: "search", placeholder: "Any words" });
    var count = make("output", { "aria-live": "polite" });
    var clear = make("button", { type: "button", text: "Show all" });

    var controls = make("div", { "class": "rk-filters", role: "search", "aria-label": "Filter: " + noun });
    controls.appendChild(make("label", { text: "Find" }, [search]));
    (box.dataset.facets || "").split(",").filter(Boolean).forEach(function (facet) {
      var key = facet.split(":")[0], label = facet.split(":")[1];
      var values = rows.map(function (row) { return row.dataset[key]; });
      values = values.filter(function (v, i) { return v !== undefined && values.indexOf(v) === i; }).sort(byOrder);
      if (values.length < 2) return;
      var options = [make("option", { value: "", text: "All" })].concat(values.map(function (value) {
        return make("option", { value: value, text: (LABELS[key] || {})[value] || spoken(value) });
      }));
      selects[key] = make("select", {}, options);
      controls.appendChild(make("label", { text: label }, [selects[key]]));
    });
    controls.appendChild(clear);
    controls.appendChild(count);
    if (rows.length > 6) box.insertBefore(controls, box.firstChild);

    function shows(row, text, words) {
      if (!words.every(function (word) { return text.indexOf(word) >= 0; })) return false;
      return Object.keys(selects).every(function (key) {
        return !selects[key].value || row.dataset[key] === selects[key].value;
      }) && Object.keys(others).every(function (key) { return row.dataset[key] === others[key]; });
    }

    this.apply = function () {
      var words = search.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      rows.forEach(function (row, i) {
        var visible = shows(row, texts[i], words);
        row.hidden = !visible;
        if (visible) shown += 1;
      });
      var extra = Object.keys(others).map(function (key) { return spoken(key).toLowerCase() + " " + others[key]; });
      count.textContent = (shown === rows.length ? rows.length + " " : shown + " of " + rows.length + " ") + noun +
        (extra.length ? ", " + extra.join(", ") : "");
      clear.hidden = shown === rows.length && !extra.length;
      return shown;
    };

    this.read = function (state) {
      search.value = state.get("q") || "";
      others = {};
      Object.keys(selects).forEach(function (key) { selects[key].value = state.get(key) || ""; });
      state.forEach(function (value, key) {
        if (key === "q" || (selects[key] && selects[key].value === value)) return;
        if (rows.some(function (row) { return row.dataset[key] !== undefined; })) others[key] = value;
      });
      return this.apply();
    };

    this.write = function (state) {
      if (search.value) state.set("q", search.value);
      Object.keys(selects).forEach(function (key) { if (selects[key].value) state.set(key, selects[key].value); });
      Object.keys(others).forEach(function (key) { state.set(key, others[key]); });
    };

    this.reset = function () {
      search.value = "";
      others = {};
      Object.keys(selects).forEach(function (key) { selects[key].value = ""; });
      this.apply();
    };

    this.box = box;
    var self = this, timer;
    search.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(function () { self.apply(); remember(); }, 90);
    });
    Object.keys(selects).forEach(function (key) {
      selects[key].addEventListener("change", function () { self.apply(); remember(); });
    });
    clear.addEventListener("click", function () { tables.forEach(function (t) { t.reset(); }); remember(); search.focus(); });

    [].slice.call(table.tHead.rows[0].cells).forEach(function (head, column) {
      var button = make("button", { type: "button", "class": "rk-sort", text: head.textContent });
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () { sort(head, column); });
    });

    function key(row, column, numeric) {
      var cell = (row.cells ? row : row.rows[0]).cells[column];
      var value = cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent.trim();
      if (!numeric) return value.toLowerCase();
      var parsed = parseFloat(value);
      return isNaN(parsed) ? -Infinity : parsed;
    }

    function sort(head, column) {
      var up = head.getAttribute("aria-sort") !== "ascending", numeric = head.dataset.sort === "number";
      [].slice.call(head.parentNode.cells).forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      var keyed = rows.map(function (row, i) { return { row: row, text: texts[i], key: key(row, column, numeric) }; });
      keyed.sort(function (a, b) { return (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (up ? 1 : -1); });
      rows = keyed.map(function (item) { return item.row; });
      texts = keyed.map(function (item) { return item.text; });
      var parent = rows[0].parentNode, all = document.createDocumentFragment();
      rows.forEach(function (row) { all.appendChild(row); });
      parent.appendChild(all);
    }

    this.apply();
  }

  var tables = [].slice.call(document.querySelectorAll("[data-table]:not([data-rows])")).filter(function (box) {
    return box.querySelector("[data-row]");
  }).map(function (box) { return new Table(box); });
  if (!tables.length) return;

  function remember() {
    var state = new URLSearchParams();
    tables.forEach(function (table) { table.write(state); });
    try { history.replaceState(null, "", state.toString() ? "#" + state : location.pathname + location.search); } catch (e) { /* not allowed from some places */ }
  }

  function follow() {
    var hash = location.hash.slice(1);
    if (hash.indexOf("=") < 0) { arrive(hash); return; }
    var state = new URLSearchParams(hash), first = null;
    tables.forEach(function (table) { if (table.read(state) && !first) first = table; });
    if (first && (state.has("likelihood") || state.has("impact"))) first.box.scrollIntoView({ block: "start" });
  }

  function arrive(id) {
    var row = id && document.getElementById(id), box = row && row.closest("[data-table]");
    var details = row && row.nextElementSibling && row.nextElementSibling.querySelector("details");
    if (!box) return;
    if (details) details.open = true;
    row.scrollIntoView({ block: "start" });
  }

  addEventListener("hashchange", follow);
  follow();
})();
