import { Link } from '@tanstack/react-router';
import { EmptyState } from '../ui/EmptyState.js';
import { useHeading } from '../ui/PageHeading.js';

export function NothingHere() {
  const heading = useHeading('Not found');
  return (
    <main>
      <h1 ref={heading} tabIndex={-1} hidden>
        Not found
      </h1>
      <EmptyState
        title="There is no page at this address"
        about="The address may have a slip in it."
        action={<Link to="/">Back to the start</Link>}
      />
    </main>
  );
}
