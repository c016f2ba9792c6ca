import { api, type AuditQuery } from '../../api.js';
import { saveFile } from '../../ui/save-file.js';

/** The browser keeps the file until it is saved. */
const MOST_MB = 500;
const MEGABYTE = 1_000_000;
const NDJSON = 'application/x-ndjson';
const LINE_END = 10;

/** More than a browser should keep. */
export class TooLarge extends Error {
  readonly megabytes = MOST_MB;
}

/**
 * Saves what the filters choose, a line for each row, oldest first. `onRows` is told how many have come.
 * @returns how many rows.
 * @throws Problem, TooLarge; else it broke off, or was cancelled.
 */
export async function exportTrail(
  filters: AuditQuery,
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<number> {
  const headers = { accept: NDJSON };
  const { response } = await api.GET('/v1/audit', { params: { query: filters }, headers, signal, parseAs: 'stream' });
  let bytes = 0;
  let rows = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      for (const byte of chunk) if (byte === LINE_END) rows++;
      if (bytes > MOST_MB * MEGABYTE) throw new TooLarge();
      onRows(rows);
      controller.enqueue(chunk);
    },
  });
  // The browser collects it, on its disk where it is long.
  const blob = await new Response(response.body!.pipeThrough(counted), { headers: { 'content-type': NDJSON } }).blob();
  saveFile(blob, `latchkey-audit-${new Date().toISOString().slice(0, 10)}.ndjson`);
  return rows;
}
