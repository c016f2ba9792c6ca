import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ErrorState } from '../ui/ErrorState.js';

export function PageError({ error }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <main>
      <ErrorState problem={error} onRetry={() => void router.invalidate()} />
    </main>
  );
}
