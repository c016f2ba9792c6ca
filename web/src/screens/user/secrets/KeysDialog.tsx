import '@mantine/core/styles/CloseButton.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/Overlay.layer.css';
import '@mantine/core/styles/Paper.layer.css';
import { Button, Modal } from '@mantine/core';
import IconDownload from '@tabler/icons-react/icons/IconDownload';
import { useBlocker } from '@tanstack/react-router';
import { type ComponentProps, useEffect, useRef, useState } from 'react';
import type { GeneratedKey, User } from '../../../api.js';
import { useHeldPage } from '../../../held-page.js';
import { CopyButton } from '../../../ui/CopyButton.js';
import { KeyGlyph } from '../../../ui/KeyGlyph.js';
import { Notice } from '../../../ui/Notice.js';
import { localTime } from '../../../ui/time-words.js';
import { words } from '../../../words/index.js';
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
export function KeysDialog({ user, generated, onClose }: Props) {
  const { apiKey, apiSecret, secretId, name, replaced, otherNames } = generated;
  const [taken, setTaken] = useState(false);
  const [asking, setAsking] = useState(false);
  const sessionEnded = useHeldPage();
  const route = useBlocker({ shouldBlockFn: () => !taken, enableBeforeUnload: () => !taken, withResolver: true });
  const leaving = asking || route.status === 'blocked';
  const copyToken = useRef<HTMLDivElement>(null);
  const token = `${apiKey}:${apiSecret}`;
  const goesOn =
    replaced && Date.parse(replaced.expiresAt) > Date.parse(generated.createdAt) && Date.parse(replaced.expiresAt);
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
      closeButtonProps={{ 'aria-label': words.ui.close }}
      title={
        <span className={styles.title}>
          {words.keys.title} <KeyGlyph apiKey={apiKey} width={54} />
        </span>
      }
    >
      <p className={styles.for}>{words.keys.for(user.fullName, user.name, name)}</p>
      {leaving && <Leaving onBack={stay} onClose={lose} />}
      <div hidden={leaving}>
        {sessionEnded && (
          <div className={styles.ended}>
            <Notice tone="bad" title={words.keys.sessionEnded}>
              {words.keys.sessionEndedAbout}
            </Notice>
          </div>
        )}
        <Notice tone="warn" title={words.keys.once}>
          {words.keys.onceAbout}
        </Notice>
        {goesOn && (
          <p className={styles.others}>{words.keys.oldGoesOn(<code>{replaced.hint}</code>, localTime(goesOn))}</p>
        )}
        {otherNames.length > 0 && <p className={styles.others}>{words.secrets.othersGoOn(otherNames)}</p>}
        <dl className={styles.pair}>
          <Row value={apiKey} what={words.ui.copy.apiKey} />
          <Row value={apiSecret} what={words.ui.copy.apiSecret} onCopied={take} />
        </dl>
        <div className={styles.actions} ref={copyToken}>
          <CopyButton text={token} what={words.ui.copy.token} onCopied={take} button={{ 'data-autofocus': true }}>
            {words.keys.copyToken}
          </CopyButton>
          <Button
            variant="default"
            leftSection={<IconDownload size={18} />}
            onClick={() => {
              downloadKeys(apiKey, apiSecret);
              take();
            }}
          >
            {words.keys.download}
          </Button>
          <span className={styles.hint}>{words.keys.tokenAbout}</span>
        </div>
        <Snippets token={token} onCopied={take} />
        <TryIt token={token} secretId={secretId} />
        <div className={styles.foot}>
          <Button variant="default" onClick={leave}>
            {words.keys.done}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

interface RowProps extends Pick<ComponentProps<typeof CopyButton>, 'what'> {
  value: string;
  onCopied?: () => void;
}

function Row({ value, what, onCopied }: RowProps) {
  return (
    <div>
      <dt>{what.name}</dt>
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
    <section aria-label={words.keys.notCopied} className={styles.leaving}>
      <h3>{words.keys.notCopied}</h3>
      <p>{words.keys.notCopiedAbout}</p>
      <div className={styles.actions}>
        <Button ref={back} variant="default" onClick={onBack}>
          {words.keys.goBack}
        </Button>
        <Button color="red" onClick={onClose}>
          {words.keys.closeAnyway}
        </Button>
      </div>
    </section>
  );
}
