import '@mantine/core/styles/CloseButton.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/Overlay.layer.css';
import '@mantine/core/styles/Paper.layer.css';
import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { isStale, type User } from '../api.js';
import { describeProblem } from '../problem.js';
import { words } from '../words/index.js';
import styles from './ConfirmDialog.module.css';
import { Notice } from './Notice.js';
import { StaleNotice } from './StaleNotice.js';
import { useAction } from './use-action.js';

interface Props {
  opened: boolean;
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** The words on the red button. */
  confirm: string;
  /** Closes the dialog when it succeeds; what it throws is shown. */
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
  /** Whom it changes, as read last: asks again when that was not what the server has. */
  user?: User;
}

/** Asks before what cannot be undone. Cancel has the focus, and nothing closes it while the call is under way. */
export function ConfirmDialog({ opened, title, children, confirm, onConfirm, onClose, user }: Props) {
  const action = useAction(onConfirm);
  const close = () => {
    if (action.pending) return;
    action.forget();
    onClose();
  };
  const run = async () => {
    if (await action.run()) onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      onExitTransitionEnd={focusSomewhere}
      title={title}
      size={482}
      closeButtonProps={{ 'aria-label': words.ui.close }}
    >
      <div className={styles.text}>
        {children}
        {user && isStale(action.problem) ? (
          <StaleNotice user={user} onSaveAnyway={run} onUseNew={close} pending={action.pending} />
        ) : (
          action.problem !== undefined && <Notice tone="bad">{describeProblem(action.problem)}</Notice>
        )}
      </div>
      <div className={styles.buttons}>
        <Button variant="default" onClick={close} data-autofocus>
          {words.ui.cancel}
        </Button>
        <Button color="red" onClick={run} loading={action.pending}>
          {confirm}
        </Button>
      </div>
    </Modal>
  );
}

/** The button that opened the dialog may be gone: the focus goes to the heading then. */
function focusSomewhere(): void {
  window.setTimeout(() => {
    if (document.activeElement === document.body) document.querySelector('h1')?.focus();
  }, 50); // Mantine gives the focus back a moment after this
}
