const CUTS = 7;
const DEPTHS = 4;
const FNV_OFFSET = 0x811c9dc5; // 32-bit FNV-1a
const FNV_PRIME = 0x01000193;

/** How deep each of the seven cuts of a key's blade is, 0 to 3: the same for the same api key. Never of a secret. */
export function keyCuts(apiKey: string): number[] {
  let hash = FNV_OFFSET;
  for (const character of apiKey) hash = Math.imul(hash ^ character.codePointAt(0)!, FNV_PRIME);
  hash ^= hash >>> 15; // its low bits alone are much alike for keys that differ at the end
  return Array.from({ length: CUTS }, (_, index) => (hash >>> (index * 2)) & (DEPTHS - 1));
}

const FIRST = 36;
const PITCH = 11;
const SLOPE = 3;
const FLAT = 19;
const STEP = 3.6;

/** The outline of the whole key but its hole, in a box of 120 by 36. */
export function keyOutline(cuts: readonly number[]): string {
  const teeth = cuts.map((depth, index) => {
    const [x, y] = [FIRST + index * PITCH, FLAT + depth * STEP];
    return `L${x + SLOPE} ${y}H${x + PITCH}`;
  });
  return `M18 0A18 18 0 1 0 34 ${FLAT + 4}L36 ${FLAT}${teeth.join('')}L116 ${FLAT}L119 14L113 9H33A18 18 0 0 0 18 0Z`;
}
