import { Button } from '@mantine/core';
import IconDownload from '@tabler/icons-react/icons/IconDownload';
import { useEffect, useRef, useState } from 'react';
import type { AuditQuery } from '../../api.js';
import { describeProblem, Problem } from '../../problem.js';
import { toast } from '../../ui/announce.js';
import { Notice } from '../../ui/Notice.js';
import { useAction } from '../../ui/use-action.js';
import { words } from '../../words/index.js';
import styles from './Export.module.css';
import { exportTrail, TooLarge } from './export-trail.js';

/** Saves all that the filters choose; for as long as it takes, says how far it is. */
export function Export({ filters }: { filters: AuditQuery }) {
  const [rows, setRows] = useState(0);
  const running = useRef<AbortController>(undefined);
  const { run, pending, problem } = useAction(async () => {
    const controller = new AbortController();
    running.current = controller;
    setRows(0);
    try {
      toast(words.activity.exported(await exportTrail(filters, controller.signal, setRows)));
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
  });
  useEffect(() => () => running.current?.abort(), []); // whoever leaves wants it no more
  return (
    <div className={styles.export}>
      <div className={styles.line}>
        {pending && <span className={styles.rows}>{words.activity.exporting(rows)}</span>}
        <Button
          variant="default"
          leftSection={<IconDownload size={18} aria-hidden="true" />}
          title={words.activity.exportAbout}
          onClick={() => (pending ? running.current?.abort() : void run())}
        >
          {pending ? words.activity.cancelExport : words.activity.export}
        </Button>
      </div>
      {problem !== undefined && <Notice tone="bad">{whyNot(problem)}</Notice>}
    </div>
  );
}

function whyNot(error: unknown): string {
  if (error instanceof TooLarge) return words.activity.exportTooLarge(error.megabytes);
  return error instanceof Problem ? describeProblem(error) : words.activity.exportFailed;
}
