import { STATUS_CODES } from 'node:http';
import { applyDecorators, HttpCode, SetMetadata, type Type } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { headerRefs, type HeaderName } from './headers.js';
import type { ProblemCode } from './problem.js';

export const REFUSES = 'latchkey:refuses';

/** What a route does, and its good answer: the status, what is in the body (undefined for nothing), and the headers. */
export function Answers(summary: string, status: number, view?: Type, ...headers: HeaderName[]): MethodDecorator {
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ summary }),
    ApiResponse({ status, type: view, description: STATUS_CODES[status], headers: headerRefs(headers) }),
  );
}

/** The codes that the handler itself refuses with. Those of guards, parsers and pipes are known; see document.ts. */
export const Refuses = (...codes: ProblemCode[]) => SetMetadata(REFUSES, codes);
