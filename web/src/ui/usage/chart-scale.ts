/** The levels of an axis from 0 to at least `most`: whole numbers, about four steps of 1, 2 or 5, or of ten times as much. */
export function levelsFor(most: number): number[] {
  const wanted = Math.max(1, most / 4);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= wanted)!;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}
