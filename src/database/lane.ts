/** One who waits in a lane. */
export interface Waiting {
  /** Names take turns. */
  readonly name: string;
  /** Called when this one loses its place to one whose name has fewer in the lane. */
  readonly refuse: () => void;
}

/** A bounded queue in which names take turns, however many of one name wait. */
export class Lane<W extends Waiting> {
  /** The name that comes first in the Map has the next turn. */
  private readonly names = new Map<string, W[]>();
  private count = 0;

  constructor(private readonly max: number) {}

  get length(): number {
    return this.count;
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  /** When the lane is full, refuses the last one of the name that has the most in it. */
  add(waiter: W): void {
    const line = this.names.get(waiter.name);
    if (line) line.push(waiter);
    else this.names.set(waiter.name, [waiter]);
    this.count++;
    if (this.count <= this.max) return;
    const longest = [...this.names.values()].reduce((most, one) => (one.length > most.length ? one : most));
    const last = longest.at(-1)!;
    this.remove(last);
    last.refuse();
  }

  remove(waiter: W): void {
    const line = this.names.get(waiter.name);
    const at = line?.indexOf(waiter) ?? -1;
    if (!line || at < 0) return;
    line.splice(at, 1);
    this.count--;
    if (line.length === 0) this.names.delete(waiter.name);
  }

  /** Takes out the next one whose name `mayStart`; that name goes to the end. */
  next(mayStart: (name: string) => boolean = () => true): W | undefined {
    for (const [name, line] of this.names) {
      if (!mayStart(name)) continue;
      const waiter = line[0]!;
      this.remove(waiter);
      if (line.length > 0) {
        this.names.delete(name);
        this.names.set(name, line);
      }
      return waiter;
    }
    return undefined;
  }
}
