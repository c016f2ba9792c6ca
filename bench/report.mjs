// From samples to medians, ratios and a table.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import os from 'node:os';

const QUANTITIES = ['perSecond', 'cpu', 'p50', 'p99'];

/** What is divided by what; requests a second where nothing else is said. */
const RATIOS = [
  { title: 'token ÷ bare Fastify', of: 'token', by: 'bare' },
  { title: 'token ÷ bare Fastify, answers together', of: 'token', by: 'bare-together' },
  { title: 'token ÷ open route', of: 'token', by: 'ping' },
  { title: 'a limit of 20,000 requests a second ÷ token', of: 'rated', by: 'token' },
  { title: 'ten scopes and three networks ÷ token', of: 'limited', by: 'token' },
  { title: 'twenty secrets ÷ token', of: 'twenty', by: 'token' },
  { title: 'Basic ÷ open route', of: 'basic', by: 'ping' },
  { title: 'cold ÷ Fastify + same query, SQLite', of: 'cold-sqlite', by: 'query-sqlite' },
  { title: 'cold ÷ Fastify + same query, MySQL', of: 'cold-mysql', by: 'query-mysql' },
  { title: 'wrong secret ÷ token', of: 'wrong', by: 'token' },
  { title: 'unknown key ÷ token', of: 'unknown', by: 'token' },
  { title: 'token ÷ better-auth, limits off', of: 'token', by: 'better-auth' },
  { title: 'token ÷ better-auth, limits on, raised', of: 'token', by: 'better-auth-limits' },
  { title: 'token ÷ Nest guard with findOne', of: 'token', by: 'nest-guard' },
  { title: 'p99 of token ÷ p99 of open route', of: 'token', by: 'ping', quantity: 'p99' },
  { title: 'two workers ÷ one', of: 'workers-2', by: 'workers-1' },
  { title: 'CPU a request of two workers ÷ of one', of: 'workers-2', by: 'workers-1', quantity: 'cpu' },
  { title: 'bare Fastify: two workers ÷ one', of: 'bare-2', by: 'bare-1' },
  { title: 'bare Fastify: CPU a request of two workers ÷ of one', of: 'bare-2', by: 'bare-1', quantity: 'cpu' },
];

/** Median, least and most. */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const median = (sorted[Math.floor(half)] + sorted[Math.ceil(half) - 1]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** Each ratio is made within a round, where both sides had the same weather. */
export function summarise(rows, wanted = RATIOS) {
  const samplesOf = Object.fromEntries(rows.map(({ name, samples }) => [name, samples]));
  return {
    rows: rows.map(({ name, title, samples }) => ({
      name,
      title,
      ...Object.fromEntries(QUANTITIES.map((quantity) => [quantity, spread(samples.map((s) => s[quantity]))])),
      samples,
    })),
    ratios: wanted
      .filter(({ of, by }) => samplesOf[of] && samplesOf[by])
      .map(({ title, of, by, quantity = 'perSecond' }) => ({
        title,
        ...spread(samplesOf[of].map((sample, round) => sample[quantity] / samplesOf[by][round][quantity])),
      })),
  };
}

/** One line on what this ran on, without names of the machine. */
export function describeMachine({ mysqlVersion, loadBefore }) {
  const [{ model }, ...others] = os.cpus();
  const wrk = /wrk \S*?([\d.]+)/.exec(spawnSync('wrk', ['--version'], { encoding: 'utf8' }).stdout)?.[1];
  const { version: latchkey } = createRequire(import.meta.url)('../package.json');
  const packages = ['fastify', '@nestjs/core', 'typeorm', 'mysql2', '@photostructure/sqlite', 'better-auth'];
  return [
    `${model.trim()}, ${others.length + 1} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    `${os.type()} ${os.release().split('-')[0]}, Node ${process.versions.node}, wrk ${wrk}`,
    ...(mysqlVersion ? [`MySQL ${mysqlVersion}`] : []),
    `Latchkey ${latchkey}, ${packages.map((name) => `${name} ${versionOf(name)}`).join(', ')}`,
    `load before the run ${loadBefore.toFixed(1)}`,
  ].join('; ');
}

function versionOf(name) {
  const { resolve } = createRequire(import.meta.url);
  for (const folder of resolve.paths(name)) {
    try {
      return createRequire(import.meta.url)(`${folder}/${name}/package.json`).version;
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error(`${name} is not installed.`);
}

export function toMarkdown({ date, machine, command, rounds, seconds, users, skipped, ...summary }, picture) {
  const lines = [
    `# Latchkey and others, ${date.slice(0, 10)}`,
    '',
    `\`${command}\`: ${rounds} interleaved rounds of ${seconds} s, ${users} keys in rotation. Medians, with the least and the most; [what is measured](../README.md).`,
    '',
    `${machine}.`,
    '',
    ...tables(summary, skipped),
    '',
    `![Requests a second](${picture})`,
    '',
  ];
  return lines.join('\n');
}

/** The lines of the rows and of the ratios of a summary. */
export function tables({ rows, ratios }, skipped = []) {
  const whole = (value) => Math.round(value).toLocaleString('en');
  const fixed = (digits) => (value) => value.toFixed(digits);
  const show = ({ median, min, max }, format) => `${format(median)} (${format(min)}–${format(max)})`;
  return [
    '| | requests a second | CPU µs a request | p50, ms | p99, ms |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({ title, perSecond, cpu, p50, p99 }) =>
        `| ${title} | ${show(perSecond, whole)} | ${show(cpu, fixed(1))} | ${show(p50, fixed(2))} | ${show(p99, fixed(2))} |`,
    ),
    ...skipped.map(({ title, why }) => `| ${title} | skipped: ${why} | | | |`),
    ...(ratios.length > 0
      ? ['', '| ratio, made within each round | median | least | most |', '|---|---|---|---|']
      : []),
    ...ratios.map(({ title, ...of }) => `| ${title} | ${[of.median, of.min, of.max].map(fixed(2)).join(' | ')} |`),
  ];
}
