// What every view is made of. Text from facts only ever becomes text nodes and attribute values, never markup.
let serial = 0;
const uid = (stem) => `rk-${stem}-${++serial}`;

// Parts in one list, however deep they stand; what is not there is left out.
const flat = (parts) => [parts].flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false);

// h("td", {class: "rk-x", onclick: f}, "text", child): an element; null and false children are left out.
function h(tag, given = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") el[name] = value;
    else el.setAttribute(name, value === true ? "" : value);
  }
  el.append(...flat(children));
  return el;
}

// A labelled control: label and control belong together for people who listen.
function field(label, control, help = "") {
  control.id ||= uid("field");
  const about = help ? h("span", { class: "rk-help", id: uid("help") }, help) : null;
  if (about) control.setAttribute("aria-describedby", about.id);
  return h("div", { class: "rk-field" }, h("label", { for: control.id }, label), control, about);
}

// options: texts, or [value, text] pairs.
function choice(options, chosen, onpick) {
  const pairs = options.map((o) => (Array.isArray(o) ? o : [o, o]));
  const all = pairs.map(([value, text]) => h("option", { value, selected: value === chosen }, text));
  return h("select", { onchange: (e) => onpick(e.target.value) }, all);
}

// A slider with its value beside it; onmove while it moves, ondone when it is let go.
function slider(label, { min, max, step, value, show = String, onmove, ondone }) {
  const out = h("output", {}, show(value));
  const input = h("input", { type: "range", min, max, step, "aria-valuetext": show(value) });
  input.value = value;
  input.addEventListener("input", () => {
    out.textContent = show(+input.value);
    input.setAttribute("aria-valuetext", show(+input.value));
    onmove?.(+input.value);
  });
  input.addEventListener("change", () => ondone?.(+input.value));
  const line = field(label, input);
  line.append(out);
  return line;
}

// A table of texts or nodes. Wide ones scroll in a region that the keyboard reaches.
function table(heads, rows, { caption = "" } = {}) {
  const body = rows.map((row) => (row instanceof Node ? row : h("tr", {}, row.map((cell) => h("td", {}, cell)))));
  const made = h(
    "table",
    { class: "rk-table" },
    caption ? h("caption", {}, caption) : null,
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, body)
  );
  return h("div", { class: "rk-scroll", tabindex: "0", role: "region", "aria-label": caption || "table" }, made);
}

// The line that says how the last thing went; listened to by screen readers.
function status(facts) {
  return h("p", { class: `rk-said rk-${facts.went || "well"}`, role: "status" }, facts.said || "");
}

const LATE = "No answer yet: the kernel is busy, or has ended (then run this cell again).";
const PATIENCE = 5000;

// Tell the kernel what somebody did; false, and the view says so, where there is no kernel that listens.
function say({ model, el }, message) {
  try {
    model.send(message);
    return true;
  } catch {
    const line = el.querySelector(".rk-said");
    line.textContent = "Not taken: the kernel of this widget has ended. Run its cell again.";
    line.className = "rk-said rk-wrong";
    return false;
  }
}

// Draw anew when the facts change. Elements with data-key keep the focus, folds stay open, and with data-keep what
// somebody typed stays.
function live({ model, el }, draw) {
  const again = () => {
    const key = el.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const open = new Set([...el.querySelectorAll("details[open][data-key]")].map((d) => d.dataset.key));
    const typed = new Map([...el.querySelectorAll("[data-keep]")].map((c) => [c.dataset.key, c.value]));
    el.replaceChildren(...flat(draw(model.get("facts"))));
    el.querySelectorAll("details[data-key]").forEach((d) => (d.open ||= open.has(d.dataset.key)));
    el.querySelectorAll("[data-keep]").forEach((c) => typed.has(c.dataset.key) && (c.value = typed.get(c.dataset.key)));
    if (key) el.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  };
  el.classList.add("rk");
  model.on("change:facts", again);
  again();
  return { again, stop: () => model.off("change:facts", again) };
}

// A link that opens a file of the workspace in JupyterLab; elsewhere its path as text.
function fileLink(path, text = path) {
  if (!path) return "";
  const settings = document.getElementById("jupyter-config-data");
  if (!settings) return text;
  const base = JSON.parse(settings.textContent).baseUrl || "/";
  const there = path.split("/").map(encodeURIComponent).join("/");
  return h("a", { href: `${base}lab/tree/${there}`, target: "_blank", rel: "noopener" }, text);
}

const recordLink = (record) => (record ? fileLink(`records/${record}/notebook.ipynb`, record) : "none");
