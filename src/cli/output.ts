/** Where a command writes. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

export const PROCESS_OUTPUT: Output = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

export type Row = Readonly<Record<string, string>>;

/** Aligned columns with a heading; every row has the same fields. */
export function table(rows: readonly Row[]): string {
  const [first] = rows;
  if (!first) return 'None.\n';
  const columns = Object.keys(first);
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: string[]) =>
    `${cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()}\n`;
  return [columns, ...rows.map((row) => columns.map((column) => row[column]!))].map(line).join('');
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
