import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InsufficientScope, type LatchkeyError, toLatchkeyError } from '../latchkey.error.js';
import { type Problem, shownCode } from '../openapi/problem.js';

/** Answers with an error as RFC 9457 has it, plus `code` to switch on and the request id. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = toProblem(toLatchkeyError(thrown), request.id);
  reply.code(problem.status).header('Content-Type', 'application/problem+json').send(JSON.stringify(problem));
}

export function toProblem(error: LatchkeyError, requestId: string, status = error.getStatus()): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status]!,
    status,
    detail: error.message,
    code: shownCode(error.code),
    requestId,
    errors: error.errors && [...error.errors],
    requiredScopes: error instanceof InsufficientScope ? error.requiredScopes : undefined,
  };
}
