import { STATUS_CODES } from 'node:http';
import { applyDecorators, HttpCode, SetMetadata, type Type } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { headerRefs, type HeaderName } from './headers.js';
import type { ProblemCode } from './problem.js';

export const API_PROBLEMS = 'latchkey:api-problems';

/**
 * What a route does, and its answer of success: the status, the view in the body (undefined for none), and the headers.
 */
export function ApiSuccess(summary: string, status: number, view?: Type, ...headers: HeaderName[]): MethodDecorator {
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ summary }),
    ApiResponse({ status, type: view, description: STATUS_CODES[status], headers: headerRefs(headers) }),
  );
}

/** The problems that the handler itself answers with. Those of guards, parsers and pipes are added by document.ts. */
export const ApiProblems = (...codes: ProblemCode[]) => SetMetadata(API_PROBLEMS, codes);
