/* The pages as an app: the worker that says so when there is no connection. */
"use strict";
if ("serviceWorker" in navigator && window.isSecureContext) {
  window.addEventListener("load", () => navigator.serviceWorker.register("/app-worker.js").catch(() => {}));
}
