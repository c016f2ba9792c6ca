import { useEffect, useRef } from 'react';

/**
 * A button that is loading is disabled, and loses the focus. For the ref of the form: when it is `busy` no more, the focus
 * goes to the first field that is wrong, else back to the button.
 */
export function useFormFocus(busy: boolean, refused = false) {
  const form = useRef<HTMLFormElement>(null);
  const before = useRef(busy);
  useEffect(() => {
    const done = before.current && !busy;
    before.current = busy;
    if (!done && !refused) return;
    const target = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    (target ?? form.current?.querySelector<HTMLElement>('[type="submit"]'))?.focus();
  }, [busy, refused]);
  return form;
}
