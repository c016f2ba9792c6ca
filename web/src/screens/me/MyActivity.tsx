import { useInViewport } from '@mantine/hooks';
import { lazy, Suspense, useState } from 'react';
import { loadFile } from '../../load-file.js';
import { Card } from '../../ui/Card.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { words } from '../../words/index.js';

const ActivityPages = lazy(async () => ({
  default: (await loadFile(() => import('../../ui/activity/ActivityPages.js'))).ActivityPages,
}));

/** The last of a long page: it is loaded, and the server asked, when somebody comes to it. */
export function MyActivity() {
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const [reached, setReached] = useState(false);
  if (inViewport && !reached) setReached(true);
  return (
    <Card flush title={words.activity.own} about={words.activity.ownAbout}>
      <div ref={ref}>
        <Suspense fallback={<SkeletonRows />}>
          {reached ? <ActivityPages filters="own" level={3} /> : <SkeletonRows />}
        </Suspense>
      </div>
    </Card>
  );
}
