import { Button } from '@mantine/core';
import IconDownload from '@tabler/icons-react/icons/IconDownload';
import { useEffect, useRef, useState } from 'react';
import type { AuditQuery } from '../../api.js';
import { describeProblem, Problem } from '../../problem.js';
import { toast } from '../../ui/announce.js';
import { Notice } from '../../ui/Notice.js';
import { useAction } from '../../ui/use-action.js';
import { activityWords } from '../../words/activity.js';
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
      toast(activityWords.exported(await exportTrail(filters, controller.signal, setRows)));
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
  });
  useEffect(() => () => running.current?.abort(), []); // whoever leaves wants it no more
  return (
    <div className={styles.export}>
      <div className={styles.line}>
        {pending && <span className={styles.rows}>{activityWords.exporting(rows)}</span>}
        <Button
          variant="default"
          leftSection={<IconDownload size={18} aria-hidden="true" />}
          title={activityWords.exportAbout}
          onClick={() => (pending ? running.current?.abort() : void run())}
        >
          {pending ? activityWords.cancelExport : activityWords.export}
        </Button>
      </div>
      {problem !== undefined && <Notice tone="bad">{whyNot(problem)}</Notice>}
    </div>
  );
}

function whyNot(error: unknown): string {
  if (error instanceof TooLarge) return activityWords.exportTooLarge(error.megabytes);
  return error instanceof Problem ? describeProblem(error) : activityWords.exportFailed;
}
