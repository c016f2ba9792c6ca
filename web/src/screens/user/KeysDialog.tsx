import '@mantine/core/styles/CloseButton.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/Overlay.layer.css';
import '@mantine/core/styles/Paper.layer.css';
import { Button, Modal } from '@mantine/core';
import IconDownload from '@tabler/icons-react/icons/IconDownload';
import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { GeneratedKey, User } from '../../api.js';
import { useHeldPage } from '../../held-page.js';
import { CopyButton } from '../../ui/CopyButton.js';
import { KeyGlyph } from '../../ui/KeyGlyph.js';
import { Notice } from '../../ui/Notice.js';
import { downloadKeys } from './download-keys.js';
import styles from './KeysDialog.module.css';
import { Snippets } from './Snippets.js';
import { TryIt } from './TryIt.js';

interface Props {
  user: User;
  generated: GeneratedKey;
  onClose: () => void;
}

/** Shows a new secret, once. Who leaves without having taken it is asked first, however one leaves. */
export function KeysDialog({ user, generated: { apiKey, apiSecret }, onClose }: Props) {
  const [taken, setTaken] = useState(false);
  const [asking, setAsking] = useState(false);
  const sessionEnded = useHeldPage();
  const route = useBlocker({ shouldBlockFn: () => !taken, enableBeforeUnload: () => !taken, withResolver: true });
  const leaving = asking || route.status === 'blocked';
  const copyToken = useRef<HTMLDivElement>(null);
  const token = `${apiKey}:${apiSecret}`;
  const take = () => setTaken(true);
  const stay = () => {
    setAsking(false);
    route.reset?.();
  };
  const leave = () => {
    if (leaving)
      stay(); // a second Esc goes back, and loses nothing
    else if (taken) onClose();
    else setAsking(true);
  };
  const lose = () => {
    route.proceed?.();
    onClose();
  };
  useEffect(() => {
    if (!leaving) copyToken.current?.querySelector('button')?.focus();
  }, [leaving]);
  return (
    <Modal
      opened
      onClose={leave}
      closeOnClickOutside={false}
      size={720}
      classNames={{ content: styles.content!, body: styles.body!, inner: styles.inner! }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={
        <span className={styles.title}>
          API Keys <KeyGlyph apiKey={apiKey} width={54} />
        </span>
      }
    >
      <p className={styles.for}>
        For {user.fullName} · {user.name}
      </p>
      {leaving && <Leaving onBack={stay} onClose={lose} />}
      <div hidden={leaving}>
        {sessionEnded && (
          <div className={styles.ended}>
            <Notice tone="bad" title="Your session has ended">
              The secret is good all the same. Copy it now: once this window is closed, you have to log in again.
            </Notice>
          </div>
        )}
        <Notice tone="warn" title="The secret is shown this one time">
          Copy or download it now. Latchkey keeps only a fingerprint of it, so nobody can show it to you again.
        </Notice>
        <dl className={styles.pair}>
          <Row term="API Key" value={apiKey} what="API key" />
          <Row term="API Secret" value={apiSecret} what="API secret" onCopied={take} />
        </dl>
        <div className={styles.actions} ref={copyToken}>
          <CopyButton text={token} what="token" onCopied={take} button={{ 'data-autofocus': true }}>
            Copy token
          </CopyButton>
          <Button
            variant="default"
            leftSection={<IconDownload size={18} />}
            onClick={() => {
              downloadKeys(apiKey, apiSecret);
              take();
            }}
          >
            Download CSV
          </Button>
          <span className={styles.hint}>The token is key and secret with a colon between.</span>
        </div>
        <Snippets token={token} onCopied={take} />
        <TryIt token={token} />
        <div className={styles.foot}>
          <Button variant="default" onClick={leave}>
            Done
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function Row({ term, value, what, onCopied }: { term: string; value: string; what: string; onCopied?: () => void }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton text={value} what={what} {...(onCopied && { onCopied })} />
      </dd>
    </div>
  );
}

function Leaving({ onBack, onClose }: { onBack: () => void; onClose: () => void }) {
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
  return (
    <section aria-label="You have not copied the secret yet" className={styles.leaving}>
      <h3>You have not copied the secret yet</h3>
      <p>Once this window is closed, the only way on is to regenerate it.</p>
      <div className={styles.actions}>
        <Button ref={back} variant="default" onClick={onBack}>
          Go back
        </Button>
        <Button color="red" onClick={onClose}>
          Close anyway
        </Button>
      </div>
    </section>
  );
}
