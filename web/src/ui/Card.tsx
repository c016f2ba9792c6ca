import { type ReactNode, type Ref, useId } from 'react';
import styles from './Card.module.css';

interface Props {
  title?: ReactNode;
  /** A sentence below the title. */
  about?: ReactNode;
  /** At the right of the title. */
  aside?: ReactNode;
  foot?: ReactNode;
  /** No space around what is inside: for tables and lists of rows. */
  flush?: boolean;
  /** To move the focus to the title when what had it is gone. */
  titleRef?: Ref<HTMLHeadingElement>;
  children: ReactNode;
}

export function Card({ title, about, aside, foot, flush, titleRef, children }: Props) {
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && (
        <div className={styles.head}>
          <div>
            <h2 id={id} ref={titleRef} tabIndex={-1}>
              {title}
            </h2>
            {about !== undefined && <p className={styles.about}>{about}</p>}
          </div>
          {aside}
        </div>
      )}
      <div className={flush ? (title === undefined ? undefined : styles.flush) : styles.body}>{children}</div>
      {foot !== undefined && <div className={styles.foot}>{foot}</div>}
    </section>
  );
}
