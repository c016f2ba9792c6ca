import { Link } from '@tanstack/react-router';
import { EmptyState } from '../ui/EmptyState.js';
import { words } from '../words/index.js';

export function NothingHere() {
  return (
    <main>
      <EmptyState
        page
        title={words.layout.notFound}
        about={words.layout.checkAddress}
        action={<Link to="/">{words.layout.toStart}</Link>}
      />
    </main>
  );
}
