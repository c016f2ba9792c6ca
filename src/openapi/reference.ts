import type { OpenAPIObject, OperationObject, ParameterObject, ReferenceObject, SchemaObject } from '@nestjs/swagger';

type Schema = Partial<SchemaObject & ReferenceObject>;
type Operation = OperationObject & { method: string; path: string };

/** The OpenAPI document as a page to read: plain HTML, without a script. `/docs/reference.css` is its style. */
export function referencePage(document: OpenAPIObject): string {
  const { info, paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, OperationObject>).map(([method, one]) => ({
      ...one,
      method: method.toUpperCase(),
      path,
    })),
  );
  const tags = [...new Set(operations.map(({ tags: [tag] = [] }) => tag!))];
  const schemas = Object.entries(components?.schemas ?? {}) as [string, Schema][];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Latchkey API</title>
<link rel="stylesheet" href="/docs/reference.css">
</head>
<body>
<header><a href="/app">Back to Latchkey</a> <a href="/docs/openapi.json">OpenAPI document</a></header>
<div class="frame">
<nav aria-label="Calls">
${tags.map((tag) => navigation(tag, operations)).join('\n')}
<h2><a href="#schemas">Schemas</a></h2>
</nav>
<main>
<h1>Latchkey API <small>${escape(info.version)}</small></h1>
${prose(info.description ?? '')}
<p>The lines for a terminal take the address of this server from the variable <code>LATCHKEY</code>.</p>
${tags.map((tag) => section(tag, operations)).join('\n')}
<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>
${schemas.map(([name, schema]) => `<h3 id="schema-${name}">${name}</h3>\n${fields(schema)}`).join('\n')}
</section>
</main>
</div>
</body>
</html>
`;

  function operationHtml({ method, path, operationId, summary, description, ...one }: Operation): string {
    const parameters = (one.parameters ?? []) as ParameterObject[];
    const answers = Object.entries(one.responses).map(([status, answer]) => [status, resolved(answer!)] as const);
    return `<article aria-labelledby="${operationId}">
<h3 id="${operationId}"><b>${method}</b> <code>${escape(path)}</code></h3>
<p><strong>${text(summary ?? '')}.</strong> ${text(description ?? '')}</p>
<pre tabindex="0" role="region" aria-label="${method} ${escape(path)} by curl">${escape(curl(method, path, one))}</pre>
${table('Parameters', ['Name', 'In', 'Type', 'About'], parameters.map(parameterRow))}
${bodyOf(one) ? `<p>Body: ${type(bodyOf(one)!)}</p>` : ''}
${table('Answers', ['Status', 'About', 'Body'], answers.map(answerRow))}
</article>`;
  }

  function section(tag: string, all: Operation[]): string {
    const own = all.filter(({ tags: [first] = [] }) => first === tag);
    return `<section aria-labelledby="tag-${tag}"><h2 id="tag-${tag}">${escape(tag)}</h2>\n${own.map(operationHtml).join('\n')}</section>`;
  }

  function resolved(answer: unknown): { description: string; content?: Record<string, { schema: Schema }> } {
    const { $ref } = answer as ReferenceObject;
    return ($ref ? components!.responses![$ref.split('/').at(-1)!] : answer) as ReturnType<typeof resolved>;
  }

  function answerRow([status, { description, content }]: readonly [string, ReturnType<typeof resolved>]): string[] {
    const [kind, body] = Object.entries(content ?? {})[0] ?? [];
    return [
      status,
      text(description).replaceAll('\n', '<br>'),
      kind === 'application/problem+json' ? type(PROBLEM) : body ? type(body.schema) : '',
    ];
  }

  /** For a terminal; of a body, what it needs. */
  function curl(method: string, path: string, { security = [{}], ...one }: Partial<OperationObject>): string {
    const needsCredential = security.length > 0;
    const auth = needsCredential ? ` \\\n  -H "Authorization: token <api_key>:<api_secret>"` : '';
    const body = bodyOf(one);
    if (!body) return `curl -X ${method} "$LATCHKEY${path}"${auth}`;
    const { properties = {}, required = [] } = components!.schemas![nameOf(body)] as SchemaObject;
    const example = required.map((name) => [name, (properties[name] as SchemaObject).example ?? '…']);
    const json = JSON.stringify(Object.fromEntries(example));
    return `curl -X ${method} "$LATCHKEY${path}"${auth} \\\n  -H "Content-Type: application/json" \\\n  -d '${json}'`;
  }
}

const PROBLEM: Schema = { $ref: '#/components/schemas/Problem' };

function navigation(tag: string, operations: Operation[]): string {
  const links = operations
    .filter(({ tags: [first] = [] }) => first === tag)
    .map(({ operationId, summary }) => `<li><a href="#${operationId}">${text(summary ?? operationId!)}</a></li>`);
  return `<h2>${escape(tag)}</h2>\n<ul>${links.join('')}</ul>`;
}

function bodyOf({ requestBody }: Pick<OperationObject, 'requestBody'>): Schema | undefined {
  const content = (requestBody as { content?: Record<string, { schema: Schema }> } | undefined)?.content;
  return content && Object.values(content)[0]?.schema;
}

function parameterRow({ name, in: place, required, description = '', schema }: ParameterObject): string[] {
  return [
    `<code>${escape(name)}</code>`,
    place,
    `${type(schema as Schema)}${required ? '' : ', optional'}`,
    text(description),
  ];
}

function fields({ properties, required = [], description, ...rest }: Schema): string {
  const about = description ? `<p>${text(description)}</p>` : '';
  if (!properties) return `${about}<p>${type(rest)}</p>`;
  const rows = Object.entries(properties as Record<string, Schema>).map(([name, one]) => [
    `<code>${escape(name)}</code>`,
    `${type(one)}${required.includes(name) ? '' : ', optional'}`,
    text(one.description ?? ''),
  ]);
  return about + table('Fields', ['Name', 'Type', 'About'], rows);
}

/** In words, with what it has to be like. */
function type(schema: Schema): string {
  if (schema.$ref) return `<a href="#schema-${nameOf(schema)}">${nameOf(schema)}</a>`;
  const { items, enum: values, allOf, oneOf, anyOf, format, minLength, maxLength, minimum, maximum } = schema;
  const several = allOf ?? oneOf ?? anyOf;
  if (several) return several.map((one) => type(one as Schema)).join(' or ');
  if (values) return values.map((value) => `<code>${escape(String(value))}</code>`).join(', ');
  if (items) return `list of ${type(items as Schema)}`;
  const range = (from: unknown, to: unknown, what: string) =>
    from === undefined && to === undefined ? [] : [[from, to].filter((end) => end !== undefined).join(' to ') + what];
  const details = [format ?? [], range(minLength, maxLength, ' characters'), range(minimum, maximum, '')].flat();
  return escape([[schema.type ?? 'any'].flat().join(' or '), ...details].join(', '));
}

function table(caption: string, heads: string[], rows: string[][]): string {
  if (rows.length === 0) return '';
  const head = heads.map((one) => `<th scope="col">${one}</th>`).join('');
  const body = rows.map(([first, ...rest]) => {
    return `<tr><th scope="row">${first}</th>${rest.map((one) => `<td>${one}</td>`).join('')}</tr>`;
  });
  return `<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}

function nameOf({ $ref }: Schema): string {
  return $ref!.split('/').at(-1)!;
}

/** Paragraphs and lists. */
function prose(markdown: string): string {
  return markdown
    .split('\n\n')
    .map((block) =>
      block.startsWith('- ')
        ? `<ul>${block
            .split(/\n?^- /m)
            .filter(Boolean)
            .map((item) => `<li>${text(item)}</li>`)
            .join('')}</ul>`
        : `<p>${text(block)}</p>`,
    )
    .join('\n');
}

function text(markdown: string): string {
  return escape(markdown).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function escape(words: string): string {
  return words.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
