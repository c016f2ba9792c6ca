import '@mantine/core/styles/Tabs.layer.css';
import { Tabs } from '@mantine/core';
import { CopyButton } from '../../../ui/CopyButton.js';
import { words } from '../../../words/index.js';
import styles from './KeysDialog.module.css';

const PATH = '/api/method/frappe.auth.get_logged_user';

function snippets(token: string): [name: string, text: string][] {
  const url = `${location.origin}${PATH}`;
  return [
    ['curl', `curl ${url} \\\n  -H "Authorization: token ${token}"`],
    [
      'Python',
      `import requests\n\nanswer = requests.get(\n    "${url}",\n    headers={"Authorization": "token ${token}"},\n)\nprint(answer.json())`,
    ],
    [
      'JavaScript',
      `const answer = await fetch('${url}', {\n  headers: { Authorization: 'token ${token}' },\n});\nconsole.log(await answer.json());`,
    ],
  ];
}

export function Snippets({ token, onCopied }: { token: string; onCopied: () => void }) {
  return (
    <section className={styles.snippets} aria-label={words.keys.use}>
      <h3>{words.keys.use}</h3>
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List>
          {snippets(token).map(([name]) => (
            <Tabs.Tab key={name} value={name}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {snippets(token).map(([name, text]) => (
          <Tabs.Panel key={name} value={name}>
            <div className={styles.code}>
              <pre>{text}</pre>
              <CopyButton text={text} what={words.ui.copy.example(name)} onCopied={onCopied} />
            </div>
          </Tabs.Panel>
        ))}
      </Tabs>
    </section>
  );
}
