/** One end of Node's channel between two processes: `process` in a worker, the worker in its primary. */
interface Channel {
  send?(message: object, callback: (error: Error | null) => void): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** `kind` is a question's alone. */
interface Message {
  readonly latchkey: number;
  readonly kind?: string;
  readonly body?: unknown;
}

type Method = (...question: never[]) => unknown;
type Question<M> = M extends (...question: infer Q) => unknown ? Q : never;
type Answer<M> = M extends (...question: never[]) => infer A ? Awaited<A> : never;

/** Another process, which answers what it is asked, and may ask itself. */
export class Peer<Mine extends object, Theirs extends object> {
  private readonly asked = new Map<number, (answer: never) => void>();
  private last = 0;

  /** @param answers what the other process may ask. Each runs as soon as the question is read, and may not fail. */
  constructor(
    private readonly channel: Channel,
    private readonly answers: Mine,
  ) {
    channel.on('message', (message) => this.take(message as Message));
  }

  /** Resolves with the answer; never when the other process does not answer, or is gone. */
  ask<K extends keyof Theirs & string>(kind: K, ...body: Question<Theirs[K]>): Promise<Answer<Theirs[K]>> {
    const latchkey = ++this.last;
    return new Promise((resolve) => {
      this.asked.set(latchkey, resolve);
      this.send({ latchkey, kind, body });
    });
  }

  private take({ latchkey, kind, body }: Message): void {
    if (latchkey === undefined) return; // node:cluster and others use the channel too
    if (kind === undefined) {
      this.asked.get(latchkey)?.(body as never);
      this.asked.delete(latchkey);
    } else {
      const answer = (this.answers as Record<string, Method>)[kind]!(...(body as never[]));
      void Promise.resolve(answer).then((given) => this.send({ latchkey, body: given }));
    }
  }

  private send(message: Message): void {
    // Who is gone needs nothing more, and its end is told otherwise.
    this.channel.send?.(message, () => undefined);
  }
}
