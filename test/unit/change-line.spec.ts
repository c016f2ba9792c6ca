import { afterEach, describe, expect, it } from '@jest/globals';
import { ChangeLine } from '../../src/database/change-line.js';

const gives = (name: string) => ({ name, takesPower: false });
const takes = (name: string) => ({ name, takesPower: true });

let drain: () => Promise<void>;
afterEach(() => drain()); // or what waits would keep the process for its five seconds

/** Takes places without waiting; tells in which order they were given, and gives them back. */
function lineOf(places: number) {
  const line = new ChangeLine(places);
  const started: string[] = [];
  const releases = new Map<string, () => void>();
  const refused: string[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  drain = async () => {
    for (; releases.size > 0; await settle()) {
      const running = [...releases.values()];
      releases.clear();
      for (const release of running) release();
    }
  };
  return {
    started,
    refused,
    async ask(label: string, turn: { name: string; takesPower: boolean }) {
      line.take(turn).then(
        (release) => {
          started.push(label);
          const others = releases.get(label); // a label may stand for many
          releases.set(label, () => (others?.(), release()));
        },
        () => refused.push(label),
      );
      await settle();
    },
    async end(label: string) {
      const release = releases.get(label)!;
      releases.delete(label);
      release();
      await settle();
    },
  };
}

describe('the line of changes', () => {
  it('runs as many at once as there are places, and the rest in turn', async () => {
    const line = lineOf(2);
    await line.ask('a1', gives('a'));
    await line.ask('b1', gives('b'));
    await line.ask('c1', takes('c'));
    expect(line.started).toEqual(['a1', 'c1']); // one place is kept for what takes power away
    await line.end('a1');
    expect(line.started).toEqual(['a1', 'c1', 'b1']);
  });

  it('lets what takes power away go first', async () => {
    const line = lineOf(1);
    await line.ask('a1', gives('a'));
    for (let i = 0; i < 100; i++) await line.ask('more', gives('a'));
    await line.ask('revoke', takes('b'));
    await line.end('a1');
    expect(line.started).toEqual(['a1', 'revoke']);
  });

  it('gives each name its turn, however many changes of another name wait', async () => {
    const line = lineOf(1);
    await line.ask('first', takes('a'));
    for (let i = 0; i < 100; i++) await line.ask(`a${i}`, takes('a'));
    await line.ask('b', takes('b'));
    await line.ask('c', takes('c'));
    for (const label of ['first', 'a0', 'b', 'c']) await line.end(label);
    expect(line.started).toEqual(['first', 'a0', 'b', 'c', 'a1']);
  });

  it('leaves half of the places to other names', async () => {
    const line = lineOf(6);
    for (const label of ['a1', 'a2', 'a3', 'a4']) await line.ask(label, gives('a'));
    expect(line.started).toEqual(['a1', 'a2', 'a3']);
    await line.ask('b', gives('b'));
    expect(line.started).toEqual(['a1', 'a2', 'a3', 'b']);
    await line.end('b');
    expect(line.started).not.toContain('a4');
    await line.end('a1');
    expect(line.started).toContain('a4');
  });

  it('that is full refuses the newest of the name that waits most often', async () => {
    const line = lineOf(1);
    await line.ask('first', gives('z'));
    for (let i = 0; i < 1000; i++) await line.ask(`a${i}`, gives('a'));
    await line.ask('b', gives('b'));
    expect(line.refused).toEqual(['a999']);
    await line.ask('a-again', gives('a'));
    expect(line.refused).toEqual(['a999', 'a-again']);
  });
});
