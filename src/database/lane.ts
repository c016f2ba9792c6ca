/** Somebody who waits, and in whose turn. */
export interface Waiting {
  /** Those of one name take turns with those of other names. */
  readonly name: string;
  /** Called when it has to give up its place to somebody of a name that waits less. */
  readonly refuse: () => void;
}

/** A bounded line in which each name has its turn, however many of another name wait. */
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

  /** Where the lane is full, refuses the last one of the name that waits most often. */
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

  /** Takes out the next one whose name `mayStart`; its name goes to the end. */
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
