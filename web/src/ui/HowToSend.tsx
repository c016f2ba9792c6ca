import { words } from '../words/index.js';
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
    <Card title={words.key.howToSend} about={words.key.howToSendAbout}>
      <DefinitionList
        rows={[
          { term: words.key.token, value: <span className={styles.header}>Authorization: token {pair}</span> },
          { term: words.key.basic, value: <span className={styles.header}>Authorization: Basic base64({pair})</span> },
        ]}
      />
    </Card>
  );
}
