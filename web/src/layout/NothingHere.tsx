import { Link } from '@tanstack/react-router';
import { EmptyState } from '../ui/EmptyState.js';

export function NothingHere() {
  return (
    <main>
      <EmptyState
        page
        title="There is no page at this address"
        about="The address may have a slip in it."
        action={<Link to="/">Back to the start</Link>}
      />
    </main>
  );
}
