import styles from './Brand.module.css';

/** A ring and a stem with two teeth. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg className={styles.mark} viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <g>
        <circle cx="16" cy="10.5" r="4.7" />
        <path d="M16 15.2v11M16 20.2h4.4M16 24.9h4.4" />
      </g>
    </svg>
  );
}

export function Brand({ host = true }: { host?: boolean }) {
  return (
    <div className={styles.brand}>
      <Mark />
      <div>
        <p className={styles.name}>Latchkey</p>
        {host && <p className={styles.host}>{location.host}</p>}
      </div>
    </div>
  );
}
