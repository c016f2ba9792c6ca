import { Injectable } from '../nest-core.js';
import { hash, verify } from '@node-rs/argon2';
import { LatchkeyError } from '../latchkey.error.js';
import { isLonger } from '../users/user-name.js';
import { MAX_PASSWORD } from './password-rule.js';

/** argon2id, with memory (KiB), passes and threads of the OWASP Password Storage Cheat Sheet. About 15 ms. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** A hash takes 19 MiB and a core. Without a limit, a few hundred log-ins at once would take the server down. */
const AT_ONCE = 2;
/** The hash of no password, with the same cost: where there is no hash, a password is compared with this one. */
const DUMMY = '$argon2id$v=19$m=19456,t=2,p=1$bm8gcGFzc3dvcmQgaGVyZQ$QplQ1JDLtPcfcNnoWqkNWKhfIXdqlJbk2hOOAkBkmjM';

/** Makes and compares the hashes of passwords, a few at once. */
@Injectable()
export class Passwords {
  private busy = 0;

  /** @throws LatchkeyError `too_many_requests`. */
  hash(password: string): Promise<string> {
    return this.withPlace(() => hash(toBytes(password), COST));
  }

  /**
   * The row of `find`, if the password matches its hash. Takes as long when there is no hash.
   * @param find called once there is a free place, so that log-ins do not take the database either.
   * @throws LatchkeyError `too_many_requests`, and what `find` throws.
   */
  matches<Row extends { hash: string | null }>(
    password: string,
    find: () => Promise<Row | undefined>,
  ): Promise<Row | undefined> {
    return this.withPlace(async () => {
      const row = await find();
      const possible = !isLonger(password, MAX_PASSWORD);
      const right = await verify(row?.hash ?? DUMMY, possible ? toBytes(password) : '');
      return right && possible && row?.hash ? row : undefined;
    });
  }

  private async withPlace<T>(work: () => Promise<T>): Promise<T> {
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
