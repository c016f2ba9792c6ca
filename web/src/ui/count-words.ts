/** "1,284", or "100,000+" where counting has stopped. */
export function countWords({ count, atLeast }: { count: number; atLeast: boolean }): string {
  return `${count.toLocaleString('en')}${atLeast ? '+' : ''}`;
}
