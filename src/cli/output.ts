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
