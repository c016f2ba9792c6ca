import { Rejected } from './bulkhead.js';
import { Lane, type Waiting } from './lane.js';

/** How many changes wait at most, in each of the two lanes. */
const MAX_WAITING = 1000;
/** How long a change waits at most, in milliseconds. */
export const WAIT_MS = 5000;
const REFUSAL = 'Too many changes are waiting at the moment. Try again shortly.';

/** Whose change it is, and how urgent. */
export interface Turn {
  /** Changes of one name take turns with those of other names. */
  readonly name: string;
  /** Whether it takes power away from somebody. Such a change goes before every change that does not. */
  readonly takesPower: boolean;
}

interface Waiter extends Waiting {
  readonly start: () => void;
}

/**
 * Limits how many changes run at once. Changes that take power away go first, and one place is for them alone. Among
 * equals, names take turns, however many changes of one name wait. Changes of one name run in half of the places at
 * most.
 */
export class ChangeLine {
  private readonly urgent = new Lane<Waiter>(MAX_WAITING);
  private readonly others = new Lane<Waiter>(MAX_WAITING);
  private readonly running = new Map<string, number>();
  private count = 0;
  private othersRunning = 0;

  constructor(private readonly places: number) {}

  /** @returns a function that gives the place back. @throws Rejected when no place becomes free in time. */
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
    // Not before the event loop has read what has come: on SQLite, one change would follow the other without a look.
    setImmediate(() => this.startNext(this.others, false));
  }

  private startNext(lane: Lane<Waiter>, takesPower: boolean): void {
    for (;;) {
      const waiter = lane.next((name) => this.hasPlace(name, takesPower));
      if (!waiter) return;
      this.enter(waiter.name, takesPower);
      waiter.start();
    }
  }

  private turn(lane: Lane<Waiter>, name: string, takesPower: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = () => {
        clearTimeout(timer);
        reject(new Rejected(REFUSAL));
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
      // A place may be free that was passed over because others of this name were waiting.
      this.startNext(lane, takesPower);
    });
  }
}
