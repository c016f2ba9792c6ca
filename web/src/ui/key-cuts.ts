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

/** The outline of a key but its hole. With seven cuts it fills a box of 120 by 36. */
export function keyOutline(cuts: readonly number[]): string {
  const teeth = cuts.map((depth, index) => {
    const [x, y] = [FIRST + index * PITCH, FLAT + depth * STEP];
    return `L${x + SLOPE} ${y}H${x + PITCH}`;
  });
  const end = FIRST + cuts.length * PITCH;
  return `M18 0A18 18 0 1 0 34.6 25L36 ${FLAT}${teeth.join('')}L${end + 3} ${FLAT}L${end + 6} 14L${end} 9H33.6A18 18 0 0 0 18 0Z`;
}

/** Round, and off the middle of the bow. */
export const KEY_HOLE = 'M12 12.5a5.5 5.5 0 1 0 .01 0Z';
