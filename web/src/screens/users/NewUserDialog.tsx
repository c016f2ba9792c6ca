import '@mantine/core/styles/CloseButton.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/Overlay.layer.css';
import '@mantine/core/styles/Paper.layer.css';
import { Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { answer, api } from '../../api.js';
import { useAction } from '../../ui/use-action.js';
import { words } from '../../words/index.js';
import { NewUserForm, type NewUser } from './NewUserForm.js';

const CLOSE = { 'aria-label': words.ui.close };

export function NewUserDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const action = useAction(async (body: NewUser) => {
    const { name } = await answer(api.POST('/v1/users', { body }));
    void queryClient.invalidateQueries({ queryKey: ['users'] });
    await navigate({ to: '/user/$name', params: { name }, search: { tab: 'api-access' } });
  });
  const close = () => {
    if (action.pending) return;
    action.forget();
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={words.users.new}
      size={482}
      closeOnClickOutside={false} // it would take what has been typed
      closeButtonProps={CLOSE}
    >
      <NewUserForm action={action} onCancel={close} />
    </Modal>
  );
}
