import { KEY_HOLE, keyCuts, keyOutline } from './key-cuts.js';
import styles from './KeyGlyph.module.css';

interface Props {
  /** Its blade is cut from this; without one it is uncut. */
  apiKey?: string | undefined;
  tone?: 'accent' | 'dull' | 'pale';
  /** In pixels. */
  width?: number;
}

/** A picture by which people know a key again. It says nothing that is not beside it in words. */
export function KeyGlyph({ apiKey, tone = 'accent', width = 38 }: Props) {
  const cuts = apiKey === undefined ? [2, 2, 2, 2, 2, 2, 0] : keyCuts(apiKey);
  const look = tone === 'accent' ? '' : styles[tone];
  return (
    <svg
      className={`${styles.glyph} ${look}`}
      viewBox="0 0 120 36"
      width={width}
      height={width * 0.3}
      aria-hidden="true"
    >
      <path fillRule="evenodd" d={`${keyOutline(cuts)}${KEY_HOLE}`} />
    </svg>
  );
}
