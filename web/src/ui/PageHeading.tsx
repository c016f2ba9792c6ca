import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import styles from './PageHeading.module.css';
import { arriveAt, leaveHeading } from './arrive.js';

interface Props {
  title: string;
  about?: ReactNode;
  /** At the right. */
  aside?: ReactNode;
  /** Beside the title, as its badges. */
  beside?: ReactNode;
}

/** The one h1 of a screen. Names the document, and takes the focus when a route has changed. */
export function PageHeading({ title, about, aside, beside }: Props) {
  return (
    <div className={styles.heading}>
      <div>
        <Heading title={title} />
        {beside}
        {about !== undefined && <p className={styles.about}>{about}</p>}
      </div>
      {aside}
    </div>
  );
}

export function Heading({ title, className }: { title: string; className?: string | undefined }) {
  const heading = useHeading(title);
  return (
    <h1 ref={heading} tabIndex={-1} className={className}>
      {title}
    </h1>
  );
}

/** For a screen that draws its h1 itself, or none that takes the focus. */
export function useHeading(title: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Latchkey`;
    arriveAt(heading.current);
  }, [title]);
  // Not an effect: those are undone when the element, and with it the focus, is gone already.
  useLayoutEffect(() => {
    const element = heading.current;
    return () => leaveHeading(element);
  }, []);
  return heading;
}
