import init from "./shop.js";

await init();

// Where the browser has no service workers the shop works as before, only not without a network.
if ("serviceWorker" in navigator) {
  const registration = await navigator.serviceWorker
    .register("/shop/sw.js", { scope: "/shop/" })
    .catch(() => undefined);
  // A new version takes over while nobody looks; the page that is open stays what it is.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) registration?.waiting?.postMessage("renew");
  });
}
