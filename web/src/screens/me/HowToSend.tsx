import { Card } from '../../ui/Card.js';
import { DefinitionList } from '../../ui/DefinitionList.js';
import styles from './KeyDetails.module.css';

export function HowToSend({ apiKey }: { apiKey: string }) {
  const pair = (
    <>
      <b>{apiKey}</b>:<i>api_secret</i>
    </>
  );
  return (
    <Card
      title="How a program sends it"
      about="One header on every request. The token is key and secret with a colon between."
    >
      <DefinitionList
        rows={[
          ['Token', <code className={styles.header}>Authorization: token {pair}</code>],
          ['Basic', <code className={styles.header}>Authorization: Basic base64({pair})</code>],
        ]}
      />
    </Card>
  );
}
