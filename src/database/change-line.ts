import { Shed } from './slots.js';

/** Changes that wait for their turn, in each of the two lanes. */
const MAX_WAITING = 1000;
/** Milliseconds that one waits at most. */
export const WAIT_MS = 5000;
const REFUSAL = 'Too many changes are waiting at the moment. Try again shortly.';

/** Whose change it is, and how urgent. */
export interface Turn {
  /** Changes of one name take turns with those of other names. */
  readonly name: string;
  /** It takes power away from somebody, so it goes before every change that does not. */
  readonly takesPower: boolean;
}

interface Waiter {
  readonly name: string;
  readonly start: () => void;
  readonly refuse: () => void;
}

/**
 * Limits how many changes run at once. Those that take power away go first, and one place is theirs alone; among equals,
 * each name has its turn, however many changes of another name wait. One name runs in half of the places at most.
 */
export class ChangeLine {
  private readonly urgent = new Lane();
  private readonly others = new Lane();
  private readonly running = new Map<string, number>();
  private count = 0;
  private othersRunning = 0;

  constructor(private readonly places: number) {}

  /** @returns what gives the place back. @throws Shed when there is no place in time. */
  async take({ name, takesPower }: Turn): Promise<() => void> {
    const lane = takesPower ? this.urgent : this.others;
    if (this.hasPlace(name, takesPower) && !lane.has(name)) this.enter(name, takesPower);
    else await this.turn(lane, name, takesPower);
    return () => this.leave(name, takesPower);
  }

  private hasPlace(name: string, takesPower: boolean): boolean {
    const free = takesPower ? this.count < this.places : this.othersRunning < Math.max(1, this.places - 1);
    return free && this.count < this.places && (this.running.get(name) ?? 0) < Math.ceil(this.places / 2);
  }

  private enter(name: string, takesPower: boolean): void {
    this.count++;
    if (!takesPower) this.othersRunning++;
    this.running.set(name, (this.running.get(name) ?? 0) + 1);
  }

  private leave(name: string, takesPower: boolean): void {
    this.count--;
    if (!takesPower) this.othersRunning--;
    const left = this.running.get(name)! - 1;
    if (left > 0) this.running.set(name, left);
    else this.running.delete(name);
    this.startNext(this.urgent, true);
    this.startNext(this.others, false);
  }

  private startNext(lane: Lane, takesPower: boolean): void {
    for (;;) {
      const waiter = lane.next((name) => this.hasPlace(name, takesPower));
      if (!waiter) return;
      this.enter(waiter.name, takesPower);
      waiter.start();
    }
  }

  private turn(lane: Lane, name: string, takesPower: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = () => {
        clearTimeout(timer);
        reject(new Shed(REFUSAL));
      };
      const waiter: Waiter = {
        name,
        start: () => {
          clearTimeout(timer);
          resolve();
        },
        refuse,
      };
      const timer = setTimeout(() => {
        lane.remove(waiter);
        refuse();
      }, WAIT_MS);
      lane.add(waiter);
      // A place that is free and was passed over because others of this name were waiting.
      this.startNext(lane, takesPower);
    });
  }
}

/** Who waits, by name. The name that comes first in the Map has the next turn. */
class Lane {
  private readonly names = new Map<string, Waiter[]>();
  private length = 0;

  has(name: string): boolean {
    return this.names.has(name);
  }

  /** Where the lane is full, refuses the last one of the name that waits most often. */
  add(waiter: Waiter): void {
    const line = this.names.get(waiter.name);
    if (line) line.push(waiter);
    else this.names.set(waiter.name, [waiter]);
    this.length++;
    if (this.length <= MAX_WAITING) return;
    const longest = [...this.names.values()].reduce((most, one) => (one.length > most.length ? one : most));
    const last = longest.at(-1)!;
    this.remove(last);
    last.refuse();
  }

  remove(waiter: Waiter): void {
    const line = this.names.get(waiter.name);
    const at = line?.indexOf(waiter) ?? -1;
    if (!line || at < 0) return;
    line.splice(at, 1);
    this.length--;
    if (line.length === 0) this.names.delete(waiter.name);
  }

  /** Takes out the next one whose name `mayStart`; its name goes to the end. */
  next(mayStart: (name: string) => boolean): Waiter | undefined {
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
