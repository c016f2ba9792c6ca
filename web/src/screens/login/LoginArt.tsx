import { KEY_HOLE, keyCuts, keyOutline } from '../../ui/key-cuts.js';
import styles from './LoginArt.module.css';

const ROWS = ['one', 'key', 'for', 'life', 'a', 'secret', 'any', 'time'];
const ROW = 56;
const WIDTH = 1100;
const KEY_AT = 3;
const LONG = ['latch', 'key', 'life'].flatMap(keyCuts).slice(0, 17);

/** Blades of many keys, and one whole. */
export function LoginArt() {
  return (
    <svg
      className={styles.art}
      viewBox={`0 0 ${WIDTH} ${ROW * ROWS.length}`}
      preserveAspectRatio="xMinYMid slice"
      aria-hidden="true"
    >
      {ROWS.map((word, row) =>
        row === KEY_AT ? null : (
          <g key={word} opacity={1 - Math.abs(row - KEY_AT) * 0.17}>
            <path d={blades(word, row)} />
            <path d={`M0 ${(row + 1) * ROW - 8}H${WIDTH}`} />
          </g>
        ),
      )}
      <g className={styles.key} transform={`translate(48 ${KEY_AT * ROW - 22}) scale(2.03)`}>
        <path fillRule="evenodd" d={keyOutline(LONG) + KEY_HOLE} />
      </g>
    </svg>
  );
}

function blades(seed: string, row: number): string {
  const cuts = [...'abcdefgh'].flatMap((part) => keyCuts(seed + part));
  const top = row * ROW + 8;
  const steps = cuts.map((depth, index) => `L${index * 21 + 7} ${top + depth * 7}H${index * 21 + 21}`);
  return `M0 ${top + 14}${steps.join('')}`;
}
