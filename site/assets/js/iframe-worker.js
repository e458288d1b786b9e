/* A Worker for pages opened from disk, where browsers refuse real ones: the script runs in an empty frame instead. */
(function () {
  "use strict";
  if (location.protocol !== "file:") return;
  function IFrameWorker(url) {
    var self = this, frame = document.createElement("iframe"), waiting = [], ready = false;
    var heard = [];
    this.onmessage = null;
    this.addEventListener = function (type, f) { if (type === "message") heard.push(f); };
    this.removeEventListener = function (type, f) { heard = heard.filter(function (g) { return g !== f; }); };
    this.terminate = function () { frame.remove(); };
    this.postMessage = function (data) {
      if (!ready) { waiting.push(data); return; }
      frame.contentWindow.dispatchEvent(new frame.contentWindow.MessageEvent("message", { data: data }));
    };
    function load(win, src) {
      return new Promise(function (resolve, reject) {
        var script = win.document.createElement("script");
        script.src = src; script.onload = resolve; script.onerror = reject;
        win.document.body.appendChild(script);
      });
    }
    frame.hidden = true;
    frame.title = "Search";
    frame.setAttribute("aria-hidden", "true");
    (document.body || document.documentElement).appendChild(frame);
    var win = frame.contentWindow;
    win.importScripts = function () {
      return [].slice.call(arguments).reduce(function (p, src) {
        return p.then(function () { return load(win, new URL(src, url).href); });
      }, Promise.resolve());
    };
    win.postMessage = function (data) {
      var event = new MessageEvent("message", { data: data });
      if (self.onmessage) self.onmessage(event);
      heard.forEach(function (f) { f(event); });
    };
    load(win, new URL(url, document.baseURI).href).then(function () {
      ready = true;
      waiting.splice(0).forEach(self.postMessage);
    });
  }
  window.IFrameWorker = IFrameWorker;
  window.Worker = IFrameWorker;
})();
