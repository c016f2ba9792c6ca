import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toLatchkeyError } from '../latchkey.error.js';
import { type Problem, shownCode } from '../openapi/problem.js';

/** Answers with an error as RFC 9457 has it, plus `code` to switch on and the request id. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = toLatchkeyError(thrown);
  const status = error.getStatus();
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status]!,
    status,
    detail: error.message,
    code: shownCode(error.code),
    requestId: request.id,
    errors: error.errors && [...error.errors],
  };
  reply.code(status).header('Content-Type', 'application/problem+json').send(JSON.stringify(problem));
}
