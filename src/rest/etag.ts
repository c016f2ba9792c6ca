import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LatchkeyError } from '../latchkey.error.js';
import type { Revision } from '../users/user-rows.js';

/** Sets the ETag of a user or key (RFC 9110, section 8.8.3). */
export function setEtag(reply: FastifyReply, { revision }: { revision: Revision }): void {
  reply.header('ETag', `"${revision}"`);
}

/**
 * The revisions that If-Match names; undefined without the header, and for `*`, which any user or key meets. A weak tag
 * is none that it could name (RFC 9110, section 13.1.1).
 * @throws LatchkeyError `malformed` when it is no list of entity tags.
 */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): Revision[] | undefined => {
    const header = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
    return header === undefined ? undefined : parseIfMatch(header);
  },
  [
    (target, key) =>
      ApiHeader({
        name: 'If-Match',
        description: 'The ETag that the change is built on; when there is another one by now, the answer is 412.',
        required: false,
      })(target, key!, Object.getOwnPropertyDescriptor(target, key!)!),
  ],
);

export function parseIfMatch(header: string): Revision[] | undefined {
  const text = header.trim();
  if (text === '*') return undefined;
  const tags = text.split(',').map((tag) => /^(W\/)?"([\x21\x23-\x7e]*)"$/.exec(tag.trim()));
  if (tags.some((tag) => tag === null)) {
    throw new LatchkeyError('malformed', 'If-Match has to be * or a list of entity tags, as in If-Match: "…".');
  }
  return tags.flatMap((tag) => (tag![1] === undefined ? [tag![2]!] : []));
}
