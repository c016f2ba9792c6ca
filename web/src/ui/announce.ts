const REGION = 'live-region';

/** Tells screen readers what has happened where one acted; the layout has the one live region. */
export function announce(text: string): void {
  const region = document.getElementById(REGION);
  if (!region) return;
  region.textContent = ''; // or the same words twice would be heard once
  window.setTimeout(() => (region.textContent = text), 50);
}

export const LIVE_REGION = { id: REGION, role: 'status', 'aria-live': 'polite' } as const;
