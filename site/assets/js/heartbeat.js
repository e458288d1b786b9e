/* Says that a scheduled run is overdue, by the reader's clock: nobody else is awake to say it. */
(function () {
  "use strict";
  function tell() {
    document.querySelectorAll("[data-overdue-after]").forEach(function (line) {
      if (Date.now() <= Date.parse(line.dataset.overdueAfter) || line.querySelector(".rk-overdue")) return;
      var word = document.createElement("strong");
      word.className = "rk-flag rk-overdue";
      word.textContent = "Overdue. ";
      line.prepend(word);
    });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", tell); else tell();
})();
