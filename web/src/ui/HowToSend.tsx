import { Card } from './Card.js';
import { DefinitionList } from './DefinitionList.js';
import styles from './HowToSend.module.css';

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
        rows={{
          Token: <span className={styles.header}>Authorization: token {pair}</span>,
          Basic: <span className={styles.header}>Authorization: Basic base64({pair})</span>,
        }}
      />
    </Card>
  );
}
