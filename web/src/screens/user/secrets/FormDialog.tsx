import '@mantine/core/styles/CloseButton.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/Overlay.layer.css';
import '@mantine/core/styles/Paper.layer.css';
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DialogProps } from '../../../ui/use-dialog.js';
import { words } from '../../../words/index.js';

interface Props extends DialogProps {
  title: string;
  children: ReactNode;
}

/** A form in a dialog. A click beside it would take what has been typed. */
export function FormDialog({ opened, from, title, onClose, children }: Props) {
  // Not by Mantine, which takes the focus from a dialog that this one has led to.
  const giveBack = () => {
    window.setTimeout(() => {
      if (document.activeElement !== document.body) return;
      const to = from?.isConnected ? from : document.querySelector('h1');
      if (to instanceof HTMLElement) to.focus();
    }, 50);
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={giveBack}
      returnFocus={false}
      title={title}
      size={560}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': words.ui.close }}
    >
      {children}
    </Modal>
  );
}
