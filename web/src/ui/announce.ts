const REGION = 'live-region';
const SHOWN_MS = 5000;
let hiding: number | undefined;

/** Tells screen readers what has happened where one acted; the layout has the one live region. */
export function announce(text: string): void {
  say(text, false);
}

/** The same, and shows it for a moment to those who see: for what is done, and has left no trace where one acted. */
export function toast(text: string): void {
  say(text, true);
}

export const LIVE_REGION = { id: REGION, role: 'status', 'aria-live': 'polite' } as const;

function say(text: string, shown: boolean): void {
  const region = document.getElementById(REGION);
  if (!region) return;
  window.clearTimeout(hiding);
  region.toggleAttribute('data-shown', false);
  region.textContent = ''; // or the same words twice would be heard once
  hiding = window.setTimeout(() => {
    region.textContent = text;
    region.toggleAttribute('data-shown', shown);
    // The text goes as well: it would be read again by whoever comes across it.
    hiding = window.setTimeout(() => {
      region.toggleAttribute('data-shown', false);
      region.textContent = '';
    }, SHOWN_MS);
  }, 50);
}
