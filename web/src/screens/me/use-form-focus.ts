import { useEffect, useRef } from 'react';

/**
 * A button that is loading is disabled, and loses the focus. For the ref of the form: when it has been refused, the focus
 * goes to the first field that is wrong, else back to the button.
 */
export function useFormFocus(pending: boolean, refused: boolean) {
  const form = useRef<HTMLFormElement>(null);
  const before = useRef(pending);
  useEffect(() => {
    const done = before.current && !pending;
    before.current = pending;
    if (!done && !refused) return;
    const target = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    (target ?? form.current?.querySelector<HTMLElement>('[type="submit"]'))?.focus();
  }, [pending, refused]);
  return form;
}
