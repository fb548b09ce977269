/* Without a connection, one page says so. Nothing else is kept: pages show people's refunds. */
"use strict";
const SHELF = "recoup-RELEASE";
const OFFLINE = "/offline";

const fill = async () => {
  const shelf = await caches.open(SHELF);
  const page = await fetch(OFFLINE, { credentials: "omit", cache: "reload" });
  if (!page.ok) throw new Error("the offline page did not come");
  const words = await page.clone().text();
  const parts = [...words.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)].map((found) => found[1]);
  await Promise.all([shelf.put(OFFLINE, page), shelf.addAll([...new Set(parts)])]);
};

const tidy = async () => {
  const old = (await caches.keys()).filter((name) => name.startsWith("recoup-") && name !== SHELF);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
};

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const asked = event.request;
  if (asked.method !== "GET" || new URL(asked.url).origin !== location.origin) return;
  if (asked.mode === "navigate") {
    event.respondWith(fetch(asked).catch(() => caches.match(OFFLINE)));
  } else if (new URL(asked.url).pathname.startsWith("/static/")) {
    event.respondWith(fetch(asked).catch(async () => (await caches.match(asked)) ?? Response.error()));
  }
});
