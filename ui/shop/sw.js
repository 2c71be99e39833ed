// Keeps the shop's own files, so that it opens without a network, and the last catalogue that was read.
// Nothing of a person is kept here: what is hers lies in the page's own storage, and every other call goes to the cloud.

const SHELL = "shell-<!-- version -->";
const FILES = <!-- files -->;
const GOODS = "goods-1";
const PAGE = "/shop/";
const PAGES_MAX = 30;

self.addEventListener("install", (event) => {
  const fresh = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(fresh)));
});

self.addEventListener("activate", (event) => {
  const forget = async () => {
    const old = (await caches.keys()).filter((name) => name !== SHELL && name !== GOODS);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(forget().then(stock).catch(() => undefined));
});

// The page that made this worker has read the catalogue without it: read it once more, so that it is here.
async function stock() {
  let after = "";
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await newest(new Request(`/v1/catalogue?store=1${after}&limit=100`));
    const { next } = await answer.clone().json();
    if (!next) return;
    after = `&after=${encodeURIComponent(next)}`;
  }
}

// A new version waits until nobody looks: see boot.js.
self.addEventListener("message", (event) => {
  if (event.data === "renew") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname.startsWith(PAGE)) {
    event.respondWith(kept(PAGE, request));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(kept(url.pathname, request));
  } else if (url.pathname === "/v1/catalogue") {
    event.respondWith(newest(request));
  }
});

// All files of a page are of one version: that of this worker.
async function kept(path, request) {
  const cache = await caches.open(SHELL);
  return (await cache.match(path)) ?? fetch(request);
}

// What the cloud says; what it said last where it says nothing.
async function newest(request) {
  const cache = await caches.open(GOODS);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const before = await cache.match(request);
    if (before) return before;
    throw error;
  }
}
