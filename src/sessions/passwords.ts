import { Injectable } from '../nest-core.js';
import { hash, verify } from '@node-rs/argon2';
import { LatchkeyError } from '../latchkey.error.js';
import { isLonger } from '../users/user-name.js';
import { MAX_PASSWORD } from './password-rule.js';

/** argon2id; KiB, passes and threads as the OWASP Password Storage Cheat Sheet has them. About 15 ms. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Each takes 19 MiB and a core; without a bound, a few hundred log-ins at once would take the server down. */
const AT_ONCE = 2;
/** Of no password, and with the same cost: what is compared with where there is none to compare with. */
const DUMMY = '$argon2id$v=19$m=19456,t=2,p=1$bm8gcGFzc3dvcmQgaGVyZQ$QplQ1JDLtPcfcNnoWqkNWKhfIXdqlJbk2hOOAkBkmjM';

/** Makes and compares the hashes of passwords, a few at once. */
@Injectable()
export class Passwords {
  private busy = 0;

  /** @throws LatchkeyError `too_many_requests`. */
  hash(password: string): Promise<string> {
    return this.withSlot(() => hash(toBytes(password), COST));
  }

  /**
   * Whether it is the password of which `find` gives the hash. Takes as long where there is none.
   * @param find asked once there is a slot, so that log-ins don't take the database either.
   * @throws LatchkeyError `too_many_requests`, and what `find` throws.
   */
  matches<Row extends { hash: string | null }>(
    password: string,
    find: () => Promise<Row | undefined>,
  ): Promise<Row | undefined> {
    return this.withSlot(async () => {
      const row = await find();
      const possible = !isLonger(password, MAX_PASSWORD);
      const right = await verify(row?.hash ?? DUMMY, possible ? toBytes(password) : '');
      return right && possible && row?.hash ? row : undefined;
    });
  }

  private async withSlot<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy >= AT_ONCE) {
      const message = 'Too many log-ins at the moment. Try again shortly.';
      throw new LatchkeyError('too_many_requests', message, undefined, 1);
    }
    this.busy++;
    try {
      return await work();
    } finally {
      this.busy--;
    }
  }
}

/** The same password, however a keyboard composes its letters (NIST SP 800-63B-4, section 3.1.1.2). */
function toBytes(password: string): string {
  return password.normalize('NFKC');
}
