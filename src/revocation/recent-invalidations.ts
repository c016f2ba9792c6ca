/** How many users are kept. */
const MAX = 10_000;

/** The newest invalidation of each user, complete above `low`. */
export class RecentInvalidations {
  private readonly newest = new Map<string, number>();
  /** From this revision on, no invalidation is missing here. */
  low = 0;
  private top = 0;

  add(revision: number, userId: string): void {
    this.top = Math.max(this.top, revision);
    const before = this.newest.get(userId) ?? 0;
    this.newest.delete(userId); // to the end of the Map: the oldest is the first
    this.newest.set(userId, Math.max(before, revision));
    if (this.newest.size <= MAX) return;
    const [[oldest, n]] = this.newest as unknown as [[string, number]];
    this.newest.delete(oldest);
    this.low = Math.max(this.low, n);
  }

  /** Whether what was read at that revision is known to be current for that user; null for nobody's key. */
  covers(revision: number, userId: string | null): boolean {
    return revision >= this.low && (userId === null || (this.newest.get(userId) ?? 0) <= revision);
  }

  /** Whether what was read at that revision is known to be current for every user. */
  isNewest(revision: number): boolean {
    return revision >= this.top;
  }

  clear(low: number): void {
    this.newest.clear();
    this.top = low;
    this.low = low;
  }
}
