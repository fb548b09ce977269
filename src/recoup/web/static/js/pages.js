// What a page gains with JavaScript. Everything works without it.
(() => {
  "use strict";

  // A form is sent once: the second press of a hurried finger does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    const button = event.submitter;
    if (!button || !("once" in button.dataset)) return;
    form.dataset.sent = "yes";
    button.setAttribute("aria-disabled", "true");
  });
  // Coming back with the browser's own button: the form can be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
    }
  });

  // What went wrong is read first.
  const problem = document.querySelector("[data-focus]");
  if (problem) problem.focus();

  // Copying: shown only where the browser can do it.
  const offerCopy = () => {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copy][hidden]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
        button.querySelector("span").textContent = button.dataset.done ?? "Copied";
      });
    }
  };

  // Photos are seen before they are sent.
  const preview = (input) => {
    const list = input.closest("form").querySelector("[data-previews]");
    if (!list) return;
    list.querySelectorAll(`[data-from="${input.id}"]`).forEach((item) => item.remove());
    for (const file of input.files) {
      const item = document.createElement("li");
      item.dataset.from = input.id;
      const picture = document.createElement("img");
      picture.alt = "";
      picture.src = URL.createObjectURL(file);
      picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
      const name = document.createElement("span");
      name.textContent = file.size > 8 * 1024 * 1024 ? `${file.name}: larger than 8 MB` : file.name;
      item.append(picture, name);
      list.append(item);
    }
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-photos]")) preview(event.target);
  });

  // A case keeps itself up to date: the live program says that something happened, the page fetches itself again.
  let source = null;
  let timer = null;
  const refresh = async () => {
    const shown = document.getElementById("case");
    if (!shown || document.hidden) return;
    const answer = await fetch(`/cases/${shown.dataset.case}/now`, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    const fresh = holder.content.getElementById("case");
    if (!fresh || fresh.dataset.fingerprint === shown.dataset.fingerprint) return;
    const focused = document.activeElement && shown.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const said = fresh.querySelector("h1").textContent;
    const isNews = said !== shown.querySelector("h1").textContent;
    shown.replaceWith(fresh);
    offerCopy();
    listen();
    if (focused) fresh.querySelector(`a[href="${focused}"]`)?.focus({ preventScroll: true });
    if (isNews) announce(said);
  };
  const announce = (words) => {
    let voice = document.getElementById("voice");
    if (!voice) {
      voice = document.createElement("p");
      voice.id = "voice";
      voice.className = "only-read-aloud";
      voice.setAttribute("role", "status");
      document.body.append(voice);
    }
    voice.textContent = words;
  };
  const sign = () => {
    const isLive = source !== null && source.readyState === EventSource.OPEN;
    document.querySelectorAll("[data-live-sign]").forEach((shown) => shown.classList.toggle("is-live", isLive));
  };
  const stop = () => {
    if (source) source.close();
    source = null;
    clearInterval(timer);
    timer = null;
  };
  const listen = () => {
    const shown = document.getElementById("case");
    if (!shown || shown.dataset.moving !== "yes") {
      stop();
      return;
    }
    if (timer === null) timer = setInterval(refresh, 10000);
    if (source === null && shown.dataset.live) {
      source = new EventSource(shown.dataset.live);
      source.addEventListener("open", sign);
      source.addEventListener("error", sign);
      source.addEventListener("changed", refresh);
    }
    sign();
  };
  document.addEventListener("visibilitychange", refresh);
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => event.persisted && listen());

  offerCopy();
  listen();
})();
