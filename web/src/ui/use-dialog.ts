import { useState } from 'react';

/** What a dialog is opened and closed by. */
export interface DialogProps {
  readonly opened: boolean;
  /** What had the focus. */
  readonly from: Element | null;
  readonly onClose: () => void;
}

/** A dialog about one thing, which it goes on showing while it closes. */
export function useDialog<T>() {
  const [state, setState] = useState<{ opened: boolean; from: Element | null; about: T | undefined }>({
    opened: false,
    from: null,
    about: undefined,
  });
  const { opened, from, about } = state;
  const onClose = () => setState((now) => ({ ...now, opened: false }));
  const props: DialogProps = { opened, from, onClose };
  return {
    about,
    props,
    open: (what: T) => setState({ opened: true, from: document.activeElement, about: what }),
  };
}
