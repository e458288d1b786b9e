// The checklist form. Fields are never drawn anew while somebody is in them: each item updates in place, and what was
// typed and not yet taken by the kernel stays typed.
const WAIT = 500;
const STATUS = [["", "not answered"], ["met", "met"], ["partly", "partly"], ["gap", "gap"], ["not_applicable", "not applicable"]];
const NAMES = { status: "Status", note: "Why, in a sentence", answer: "Answer", document: "Document (optional)",
  expires_on: "Answer expires on (optional)" };

export default {
  render({ model, el }) {
    el.classList.add("rk", "rk-checklist");
    const said = h("p", { class: "rk-said", role: "status" });
    const progress = h("ul", { class: "rk-progress" });
    const by = h("input", { type: "text", maxlength: "80", autocomplete: "off", "data-name": "by" });
    const undo = h("button", { type: "button", "data-name": "undo", onclick: () => say({ model, el }, { do: "undo", by: by.value }) }, "Undo");
    const look = h("button", { type: "button", "data-name": "look", onclick: () => say({ model, el }, { do: "look", by: by.value, said: "Read again." }) }, "Read the files again");
    const only = h("input", { type: "checkbox", "data-name": "only", onchange: () => filter() });
    const onlyLine = h("label", { class: "rk-check" }, only, "only what is not answered");
    const groups = h("div", {});
    const items = new Map(), sections = new Map();
    let serial = 0;

    const send = (item) => {
      if (item.sending) { item.again = true; return; }
      item.sending = ++serial;
      item.again = item.waiting = false;
      const sent = say({ model, el }, { do: "save", key: item.key, fields: item.read(), seen: item.mark, by: by.value, serial: item.sending });
      if (!sent) {
        item.sending = 0;
        item.line.textContent = "not saved: see the top";
        return;
      }
      const mine = item.sending;
      setTimeout(() => { if (item.sending === mine) item.line.textContent = `not saved. ${LATE}`; }, PATIENCE);
    };
    const later = (item) => {
      item.dirty = item.waiting = true;
      item.line.textContent = "typing; not saved yet";
      clearTimeout(item.timer);
      item.timer = setTimeout(() => send(item), WAIT);
    };
    const now = (item) => { item.dirty = true; clearTimeout(item.timer); send(item); };

    function control(item, name, kind, choices, unit) {
      const id = uid("field"), label = (kind === "number" && unit) ? `${NAMES[name]} (${unit})` : NAMES[name];
      let input;
      if (name === "status" || kind === "choice" || kind === "yes_no") {
        const options = name === "status" ? STATUS
          : [["", "not answered"], ...(kind === "yes_no" ? [["yes", "yes"], ["no", "no"]] : choices.map((c) => [c, c]))];
        input = choice(options, "", () => now(item));
      } else if (kind === "text" || kind === "people") {
        input = h("textarea", { rows: "2", maxlength: "4000" });
      } else {
        input = h("input", { type: kind === "date" ? "date" : "text", maxlength: "400", autocomplete: "off" });
      }
      if (input.tagName !== "SELECT") {
        input.addEventListener("input", () => later(item));
        input.addEventListener("change", () => { if (item.timer || item.dirty) now(item); });
      }
      input.id = id;
      input.dataset.name = name;
      const wrong = h("span", { class: "rk-wrong-field", id: uid("wrong") });
      input.setAttribute("aria-describedby", wrong.id);
      const help = kind === "people" ? "several, separated by ;" : "";
      const line = h("div", { class: "rk-field" }, h("label", { for: id }, label), input, help ? h("span", { class: "rk-help" }, help) : null, wrong);
      return { name, input, wrong, line };
    }

    function build(given) {
      const item = { key: given.key, mark: given.mark, dirty: false, sending: 0 };
      const fact = given.key.startsWith("fact.");
      const kinds = given.kind === "requirement" ? [["status", "status"], ["note", "text"], ["document", "line"], ["expires_on", "date"]]
        : fact ? [["answer", "yes_no"]] : [["answer", given.kind], ["document", "line"], ["expires_on", "date"]];
      item.parts = kinds.map(([name, kind]) => control(item, name, kind, given.choices || [], given.unit || ""));
      item.read = () => Object.fromEntries(item.parts.map((p) => [p.name, p.input.value]));
      item.fill = (fields) => item.parts.forEach((p) => { p.input.value = fields[p.name] ?? ""; });
      item.head = h("span", { class: "rk-item-status" });
      item.concerns = h("p", { class: "rk-concerns" });
      item.why = h("p", { class: "rk-why" });
      item.signed = h("p", { class: "rk-help" });
      item.line = h("p", { class: "rk-item-line", role: "status" });
      item.conflict = h("div", { class: "rk-conflict" });
      const about = h("div", {}, given.text ? h("p", {}, given.text) : null,
        given.evidence?.length ? h("p", { class: "rk-help" }, `Would show it: ${given.evidence.join("; ")}`) : null,
        given.citation ? h("p", { class: "rk-help" }, `Source: ${given.citation}`) : null);
      const clear = h("button", { type: "button", "data-name": "clear", onclick: () => { item.fill({}); now(item); } }, "Take the answer out");
      item.node = h("details", { class: "rk-item", "data-item": given.key },
        h("summary", {}, h("span", { class: "rk-key" }, given.key), " ", h("span", {}, given.title), " ", item.head),
        h("div", { class: "rk-inside" }, about, item.concerns, item.why, item.conflict, item.parts.map((p) => p.line),
          h("div", { class: "rk-bar" }, clear, item.line), item.signed));
      return item;
    }

    function update(item, given, answer) {
      const mine = answer?.key === item.key && (answer.taken || answer.serial === item.sending);
      if (mine) {
        item.sending = 0;
        const wrong = answer.wrong || {};
        item.parts.forEach((p) => {
          p.wrong.textContent = wrong[p.name] || "";
          p.input.setAttribute("aria-invalid", p.name in wrong ? "true" : "false");
        });
        const more = item.again || item.waiting;  // typed since this was sent
        item.line.textContent = more && answer.saved ? "typing; not saved yet" : answer.conflict ? "" : answer.failed ? "not saved: see the top" : answer.wrong
          ? `kept beside, not in the file yet${wrong.by ? ": say at the top who answers" : ""}` : answer.saved ? "saved" : "";
        by.setAttribute("aria-invalid", wrong.by ? "true" : "false");
        item.conflict.replaceChildren(...(answer.conflict ? [dispute(item, answer.conflict)] : []));
        if (item.again) { item.mark = given.mark; send(item); }
        else if (answer.saved && !item.waiting) item.dirty = false;
        if (answer.taken) { item.dirty = item.waiting = false; clearTimeout(item.timer); }
        if (answer.wrong || answer.conflict || answer.failed) item.dirty = true;
      }
      if (!item.dirty) {
        item.mark = given.mark;
        const begun = given.begun && Object.keys(given.begun).length ? given.begun : null;
        item.fill(begun || given.fields);
        if (begun) { item.line.textContent = "begun, not in the file yet"; item.dirty = true; }
      } else if (mine && answer.saved) item.mark = given.mark;
      item.status = given.status;
      item.head.textContent = [given.applies, given.status].filter(Boolean).join(" · ");
      item.head.className = `rk-item-status rk-is-${given.status.replace(/ /g, "-")}`;
      item.node.dataset.status = given.status;
      item.node.dataset.applies = given.applies || "";
      item.concerns.textContent = given.concerns ? `${given.applies[0].toUpperCase()}${given.applies.slice(1)} because: ${given.concerns}` : "";
      item.why.textContent = given.why ? `Stands so because: ${given.why}` : "";
      item.signed.textContent = given.by ? `answered by ${given.by} on ${given.on}` : "";
    }

    function dispute(item, { theirs, mine, mark }) {
      const names = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])];
      return h("div", { class: "rk-dispute", role: "alert" },
        h("p", {}, "Somebody else has changed this since you saw it. Nothing was overwritten."),
        table(["field", "in the file", "yours"], names.map((n) => [n, theirs[n] ?? "", mine[n] ?? ""]), { caption: `Two versions of ${item.key}` }),
        h("div", { class: "rk-bar" },
          h("button", { type: "button", "data-name": "theirs", onclick: () => say({ model, el }, { do: "take", key: item.key, by: by.value }) }, "Keep what is in the file"),
          h("button", { type: "button", "data-name": "mine", onclick: () => { item.mark = mark; now(item); } }, "Put mine in its place")));
    }

    function section(group) {
      const counts = h("span", { class: "rk-counts" }), body = h("div", {}), away = h("div", {});
      const node = h("details", { class: "rk-group", "data-group": group.id },
        h("summary", {}, h("strong", {}, group.title), " ", counts), h("p", { class: "rk-help" }, group.about), body, away);
      return { node, counts, body, away, keys: "" };
    }

    function away(group) {
      if (!group.away?.length) return [];
      return [h("details", { class: "rk-away" }, h("summary", {}, `${group.away.length} do not apply, and why`),
        table(["requirement", "what", "why", "source"], group.away, { caption: `${group.title}: what does not apply` }))];
    }

    function filter() {
      for (const item of items.values())
        item.node.hidden = only.checked && !/^(not assessed|unknown|open|expired|waiting)$/.test(item.status) && !item.dirty;
    }

    function draw() {
      const facts = model.get("facts");
      const focused = document.activeElement;
      if (focused !== by) by.value = facts.by || by.value;
      said.textContent = facts.said;
      said.className = `rk-said rk-${facts.went}`;
      undo.disabled = !facts.undo;
      undo.textContent = facts.undo ? `Undo: ${facts.undo}` : "Undo";
      progress.replaceChildren(...facts.progress.map(([what, count]) => h("li", {}, h("strong", {}, String(count)), ` ${what}`)));
      for (const group of facts.groups) {
        if (!sections.has(group.id)) sections.set(group.id, section(group));
        const there = sections.get(group.id);
        there.counts.textContent = group.counts;
        for (const given of group.items) {
          if (!items.has(given.key)) items.set(given.key, build(given));
          update(items.get(given.key), given, facts.answer);
        }
        const keys = group.items.map((i) => i.key);
        if (keys.join() !== there.keys) {
          there.keys = keys.join();
          there.body.replaceChildren(...keys.map((key) => items.get(key).node));
        }
        const why = JSON.stringify(group.away);
        if (why !== there.why) { there.why = why; there.away.replaceChildren(...away(group)); }
      }
      const order = facts.groups.map((g) => g.id).join();
      if (order !== groups.dataset.order) {
        groups.dataset.order = order;
        groups.replaceChildren(...facts.groups.map((g) => sections.get(g.id).node));
      }
      filter();
      if (el.contains(focused) && focused !== document.activeElement) focused.focus();
    }

    el.replaceChildren(
      h("h4", {}, `Checklist: ${model.get("facts").project}`), progress,
      h("div", { class: "rk-bar" }, field("Answered by (your role)", by), undo, look, onlyLine), said, groups);
    model.on("change:facts", draw);
    draw();
    return () => model.off("change:facts", draw);
  },
};
