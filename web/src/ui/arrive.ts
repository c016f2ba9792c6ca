let focusedFor: string | undefined;

/** Moves the focus to a heading, once for each path that one comes to; where the page begins, the browser decides. */
export function arriveAt(heading: HTMLElement | null): void {
  const { pathname } = location;
  const before = focusedFor;
  focusedFor = pathname;
  if (before !== undefined && before !== pathname) heading?.focus();
}
