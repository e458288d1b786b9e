// JupyterLab listens for keys where they bubble to, and looks at the focused element for a mark that asks it not to.
// Both ways are used, because which of them works depends on its version.
const MARK = "data-lm-suppress-shortcuts";
const forNotebook = (e) =>
  e.ctrlKey || e.metaKey || e.altKey || (e.shiftKey && e.key === "Enter") || e.key === "Escape";

export default {
  render({ el }) {
    el.style.display = "none";
    const form = () => el.closest(".jp-OutputArea-output, .jp-OutputArea-child, .cell-output, .output");
    const mark = (e) => {
      const at = e.target;
      if (!(at instanceof Element) || !form()?.contains(at)) return;
      if (forNotebook(e)) at.removeAttribute(MARK);
      else at.setAttribute(MARK, "true");
    };
    const stop = (e) => {
      if (!forNotebook(e)) e.stopPropagation();
    };
    let root = null;
    const attach = () => {
      root = form();
      if (root) root.addEventListener("keydown", stop);
      return root;
    };
    const timer = setInterval(() => attach() && clearInterval(timer), 20);
    window.addEventListener("keydown", mark, true);
    return () => {
      clearInterval(timer);
      root?.removeEventListener("keydown", stop);
      window.removeEventListener("keydown", mark, true);
    };
  },
};
