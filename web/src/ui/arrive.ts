let focusedFor: string | undefined;
let headingWasFocused = false;

/**
 * Moves the focus to a heading, once for each path that one comes to, and when it takes the place of one that had it.
 * Where the page begins, the browser decides.
 */
export function arriveAt(heading: HTMLElement | null): void {
  const { pathname } = location;
  const isNew = focusedFor !== undefined && focusedFor !== pathname;
  focusedFor = pathname;
  if (isNew || headingWasFocused) heading?.focus();
  headingWasFocused = false;
}

/** Before a heading goes: that of a screen that loads makes room for that of what was loaded. */
export function leaveHeading(heading: HTMLElement | null): void {
  headingWasFocused = heading !== null && heading === document.activeElement;
}
