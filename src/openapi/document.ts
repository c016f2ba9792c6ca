import type { INestApplication, Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import {
  DocumentBuilder,
  type OpenAPIObject,
  type OperationObject,
  type ResponseObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { type NeededScopes, NO_AUTHENTICATION, PUBLIC, ROLES, SCOPES } from '../auth/decorators.js';
import { STATUS } from '../latchkey.error.js';
import { VERSION } from '../version.js';
import { API_PROBLEMS } from './decorators.js';
import { HEADERS } from './headers.js';
import { Problem, type ProblemCode } from './problem.js';
import { problemResponse, refusals } from './refusals.js';

const DESCRIPTION = `
API keys and secrets for users, and who may do what. Every call but log-in, log-out and those of Health needs a credential, in one of
three ways:

- \`Authorization: token <api_key>:<api_secret>\`
- \`Authorization: Basic base64(<api_key>:<api_secret>)\`
- without that header, a session: the cookie that log-in sets

A first token comes from the command line, \`latchkey keys generate Administrator\`. What the HTTP parser itself refuses
(400, 408, 431) is answered in a form of its own. The Frappe API, under \`/api\`, is not described here.
`.trim();

const SCHEMES = {
  token: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'The value is `token <api_key>:<api_secret>`, the word `token` included.',
  },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'The API key as the user name, the API secret as the password.',
  },
  session: { type: 'apiKey', in: 'cookie', name: 'sid', description: 'Log-in sets it.' },
} as const;

/** A handler and its class, as Nest looks metadata up. */
type Targets = [handler: () => unknown, controller: Type];

/** Describes the routes of those modules, from their decorators. A handler's name is the id of its operation. */
export function makeDocument(app: INestApplication, modules: Type[]): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Latchkey')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .addServer('/');
  for (const [name, scheme] of Object.entries(SCHEMES)) {
    builder.addSecurity(name, scheme).addSecurityRequirements(name);
  }
  const document = SwaggerModule.createDocument(app, builder.build(), {
    include: modules,
    extraModels: [Problem],
    operationIdFactory: (_controller, handler) => handler,
  });
  const { schemas = {} } = document.components!;
  // No object of this API has fields beyond those that are described.
  for (const schema of Object.values(schemas)) {
    if ('type' in schema && schema.type === 'object') schema.additionalProperties = false;
  }
  const responses: Record<string, ResponseObject> = {};
  const handlers = handlersOf(app, modules);
  for (const item of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(item as Record<string, OperationObject>)) {
      complete(operation, method, handlers.get(operation.operationId!)!, responses);
    }
  }
  document.components = { ...document.components, headers: HEADERS, responses };
  return document;
}

function handlersOf(app: INestApplication, modules: Type[]): Map<string, Targets> {
  const scanner = new MetadataScanner();
  const controllers = [...app.get(ModulesContainer).values()]
    .filter(({ metatype }) => modules.includes(metatype))
    .flatMap((module) => [...module.controllers.values()].map(({ metatype }) => metatype as Type));
  return new Map(
    controllers.flatMap((controller) =>
      scanner
        .getAllMethodNames(controller.prototype)
        .map((name): [string, Targets] => [name, [controller.prototype[name], controller]]),
    ),
  );
}

/** Adds what does not stand at the route: the role and the scope that it needs, and every way in which it may be refused. */
function complete(
  operation: OperationObject,
  method: string,
  targets: Targets,
  shared: Record<string, ResponseObject>,
): void {
  const read = <T>(key: string) => new Reflector().getAllAndOverride<T | undefined>(key, targets);
  const proved = !read(NO_AUTHENTICATION);
  const roles = read<string[]>(ROLES) ?? [];
  if (!proved) operation.security = [];
  else if (read(PUBLIC)) operation.security = [{}, ...Object.keys(SCHEMES).map((name) => ({ [name]: [] }))];
  const scopes = proved ? (read<NeededScopes>(SCOPES) ?? []) : 'any';
  const needs = [
    ...(roles.length > 0 ? [`the role ${roles.map((role) => `"${role}"`).join(' or ')}`] : []),
    ...(scopes === 'any' ? [] : [`of a secret with scopes ${scopes.map((scope) => `\`${scope}\``).join(' or ')}`]),
  ];
  if (needs.length > 0) operation.description = `Needs ${needs.join('; ')}.`;
  const codes = new Set([
    ...(proved ? refusals(operation, method) : []),
    ...(roles.length > 0 ? ['forbidden' as const] : []),
    ...(proved ? ['address_not_allowed' as const] : []),
    ...(scopes === 'any' ? [] : ['insufficient_scope' as const]),
    ...(read<ProblemCode[]>(API_PROBLEMS) ?? []),
  ]);
  for (const status of new Set(Object.values(STATUS))) {
    const these = [...codes].filter((code) => STATUS[code] === status).toSorted();
    if (these.length === 0) continue;
    const name = these.join('-or-');
    shared[name] ??= problemResponse(status, these);
    operation.responses[status] = { $ref: `#/components/responses/${name}` };
  }
}
