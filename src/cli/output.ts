/** Where a command writes. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

export const PROCESS_OUTPUT: Output = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/** Ends the process when its result can't be written: quietly when nobody reads on, as in `latchkey … | head -1`. */
export function endWhenUnread(): void {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.stderr.write(`latchkey: ${message}\n`);
    process.exit(1);
  });
  // What is said on the way may be lost; the work goes on.
  process.stderr.on('error', () => undefined);
}

export type Row = Readonly<Record<string, string>>;

/**
 * Makes aligned columns of rows that come in pages: the first page gets the heading. Every row has the same fields. A
 * column is as wide as the widest cell so far, since what comes is not known.
 */
export function tablePrinter(): (rows: readonly Row[]) => string {
  const widths = new Map<string, number>();
  const line = (row: Row) =>
    `${Object.entries(row)
      .map(([column, cell]) => cell.padEnd(widths.get(column)!))
      .join('  ')
      .trimEnd()}\n`;
  return (rows) => {
    const heading = Object.fromEntries(Object.keys(rows[0] ?? {}).map((column) => [column, column]));
    const lines = widths.size === 0 ? [heading, ...rows] : rows;
    for (const row of lines) {
      for (const column in row) widths.set(column, Math.max(widths.get(column) ?? 0, row[column]!.length));
    }
    return lines.map(line).join('');
  };
}

/** One thing, a line for each of its fields. */
export function fields(row: Row): string {
  const width = Math.max(...Object.keys(row).map((name) => name.length));
  return Object.entries(row)
    .map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd())
    .join('\n')
    .concat('\n');
}

/** One line of JSON. */
export function json(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

const MAX_COMPLAINT = 2000;

/**
 * What is said of a command that failed. What was typed may come back in it, so nothing is left of it that a terminal
 * would obey, and of a very long text the beginning and the end.
 */
export function complaint(text: string): string {
  const plain = text
    .trimEnd()
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
      character === '\n' ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
    );
  const half = MAX_COMPLAINT / 2 - 2;
  return `${plain.length < MAX_COMPLAINT ? plain : `${plain.slice(0, half)}…${plain.slice(-half)}`}\n`;
}
