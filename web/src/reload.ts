const LAST = 'latchkey-reloaded-at';
const AGAIN_AFTER_MS = 10_000;

/**
 * After an upgrade the files of an open page are gone: it is loaded again, once, when it misses one. Here for styles; for
 * a script the router does it.
 */
export function reloadAfterUpgrade(): void {
  window.addEventListener('vite:preloadError', (event) => {
    if (!/CSS/.test(event.payload.message)) return;
    if (Date.now() - Number(sessionStorage.getItem(LAST)) < AGAIN_AFTER_MS) return;
    sessionStorage.setItem(LAST, String(Date.now()));
    event.preventDefault();
    location.reload();
  });
}
