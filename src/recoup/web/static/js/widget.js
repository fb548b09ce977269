/* Turns a link to a company's page at Recoup into a button that tells how fast refunds are.
   <a href="https://refunds.example/at/your-shop" data-recoup>Ask for a refund</a>
   Without this script it stays a link. No cookies, nothing is stored, nobody is followed. */
(() => {
  "use strict";
  const SIGN = "M23.5 11.5A9 9 0 1 0 25 16.6M25 5.6v6.6h-6.6";

  const dress = (link, told) => {
    const ink = told.ink || "#ffffff";
    const colour = told.colour || "#0a6355";
    const looks = {
      display: "inline-flex", alignItems: "center", gap: "10px", maxWidth: "100%", boxSizing: "border-box",
      minHeight: "48px", padding: "8px 20px 8px 14px", border: `2px solid ${ink}`, borderRadius: "999px",
      outlineOffset: "2px", background: colour, color: ink, font: "700 16px/1.25 system-ui, sans-serif",
      textDecoration: "none", textAlign: "left",
    };
    Object.assign(link.style, looks);
    const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of Object.entries({ viewBox: "0 0 32 32", width: 28, height: 28, "aria-hidden": "true" })) {
      sign.setAttribute(name, value);
    }
    const way = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const [name, value] of Object.entries({ d: SIGN, fill: "none", stroke: "currentColor", "stroke-width": 3,
      "stroke-linecap": "round", "stroke-linejoin": "round" })) {
      way.setAttribute(name, value);
    }
    sign.append(way);
    sign.style.flex = "none";
    const words = document.createElement("span");
    words.textContent = link.textContent.trim() || "Ask for a refund";
    if (told.promise) {
      const small = document.createElement("span");
      Object.assign(small.style, { display: "block", fontSize: "13px", fontWeight: "400" });
      small.textContent = told.promise;
      words.append(small);
    }
    link.replaceChildren(sign, words);
  };

  const begin = async (link) => {
    link.dataset.recoup = "ready";
    const address = new URL(link.href);
    if (!/^\/at\/[\w-]+$/.test(address.pathname)) return;
    try {
      const answer = await fetch(`${address.origin}${address.pathname}/told.json`, { credentials: "omit" });
      dress(link, answer.ok ? await answer.json() : {});
    } catch {
      dress(link, {}); // the link works all the same
    }
  };

  const all = () => document.querySelectorAll('a[data-recoup=""]').forEach(begin);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
})();
