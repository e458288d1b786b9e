// One answer at a time. Keys count only while the focus is in the view, and only for the answer that is on show.
const KEYS = { y: "yes", n: "no", u: "unclear" };

export default {
  render({ model, el }) {
    el.classList.add("rk", "rk-labelling");
    const head = h("p", { class: "rk-said", role: "status" });
    const about = h("p", {});
    const bar = h("progress", { "aria-label": "labelled" });
    const item = h("div", { class: "rk-item-shown" });
    const state = h("div", {});
    let waiting = false, timer;
    const tell = (message) => {
      const facts = model.get("facts");
      if (waiting || (message.do !== "undo" && !facts.item)) return;
      waiting = true;
      clearTimeout(timer);
      timer = setTimeout(() => { if (waiting) head.textContent = LATE; waiting = false; }, PATIENCE);
      say({ model, el }, { ...message, item: facts.item?.id ?? "" });
    };
    const act = (key) => {
      if (key in KEYS) tell({ do: "label", label: KEYS[key] });
      else if (key === "s") tell({ do: "skip" });
      else if (key === "z" && model.get("facts").undo) tell({ do: "undo" });
      else return false;
      return true;
    };
    const button = (key, text) => h("button", { type: "button", "data-name": key, onclick: () => { act(key); desk.focus(); } },
      h("kbd", {}, key), ` ${text}`);
    const buttons = [button("y", "yes, it has the fault"), button("n", "no"), button("u", "unclear"), button("s", "later"), button("z", "take back")];
    const desk = h("div", { class: "rk-desk", tabindex: "0", role: "group", "aria-label": "Labelling desk: y yes, n no, u unclear, s later, z take back" },
      head, item, h("div", { class: "rk-bar" }, buttons));
    desk.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.repeat) return;
      if (act(e.key.toLowerCase())) e.preventDefault();
    });

    function draw() {
      const facts = model.get("facts");
      waiting = false;
      about.textContent = facts.question;
      bar.max = Math.max(1, facts.done + facts.left);
      bar.value = facts.done;
      const what = facts.adjudicating ? "disputed answers decided" : "labelled";
      head.textContent = `${facts.done} ${what}, ${facts.left} left${facts.said ? `: ${facts.said}` : ""}`;
      head.className = `rk-said rk-${facts.went}`;
      buttons.forEach((b) => { b.disabled = b.dataset.name === "z" ? !facts.undo : !facts.item; });
      item.dataset.item = facts.item?.id ?? "";
      item.replaceChildren(...(facts.item
        ? facts.item.parts.map(([name, text, more]) => h("section", { class: `rk-part rk-part-${name}` },
          h("h4", {}, name), h("pre", { tabindex: "0", role: "group", "aria-label": name }, text), more ? h("p", { class: "rk-help" }, more) : null))
        : [h("p", {}, h("strong", {}, facts.adjudicating ? "No dispute is left." : "Everything is labelled."))]));
      state.replaceChildren(
        h("p", { class: "rk-help" }, `Review ${facts.review} for ${facts.measure}, labelled by ${facts.who}. ${facts.unclear} unclear, ${facts.disputed} disputed between raters.`),
        table(["rater", "labels"], facts.raters.length ? facts.raters : [["nobody yet", "0"]], { caption: "Labels so far" }),
        ...(facts.bought.length ? [table(["measure", "value", "interval", "level", "n"], facts.bought,
          { caption: `Bought with ${facts.labels} labels` })] : []));
    }
    el.replaceChildren(about, bar, desk, state);
    model.on("change:facts", draw);
    draw();
    return () => model.off("change:facts", draw);
  },
};
