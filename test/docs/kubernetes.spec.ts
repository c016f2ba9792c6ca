// The YAML of docs/kubernetes.md, against the program.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { loadConfig, VARIABLES } from '../../src/config.js';
import { client } from '../support/http.js';
import { stepsOf } from '../support/pages.js';
import { type Running, startProcess } from '../support/process.js';

/** A folder that has npm's kubernetes-models in its node_modules: the schemas of Kubernetes itself. */
const MODELS = process.env.TEST_KUBERNETES_MODELS ?? '';

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads any field, and fails on a missing one
const objects: any[] = stepsOf('docs/kubernetes.md')
  .filter(({ language }) => language === 'yaml')
  .flatMap(({ text }) => parseAllDocuments(text, { strict: true, uniqueKeys: true }))
  .map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
const [job, deployment, service, budget] = objects;
const pods = [job, deployment].map((object) => object.spec.template.spec);
const server = deployment.spec.template.spec.containers[0];
const env = Object.fromEntries(server.env.map(({ name, value }: { name: string; value: string }) => [name, value]));
/** What the image sets, and the Secret. */
const image = { NODE_ENV: 'production', HOST: '0.0.0.0', DATABASE_URL: 'mysql://u:p@db:3306/latchkey' };

it('has a Job, a Deployment, a Service and a PodDisruptionBudget that belong together', () => {
  expect(objects.map(({ kind }) => kind)).toEqual(['Job', 'Deployment', 'Service', 'PodDisruptionBudget']);
  const { labels } = deployment.spec.template.metadata;
  for (const selector of [
    deployment.spec.selector.matchLabels,
    service.spec.selector,
    budget.spec.selector.matchLabels,
  ]) {
    expect(labels).toMatchObject(selector);
  }
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(new Set(pods.map(({ containers }) => containers[0].image))).toEqual(
    new Set([`registry.example.com/latchkey:${version}`]),
  );
  expect(job.metadata.name).toBe(`latchkey-migrate-${version}`);
  expect(budget.spec.minAvailable).toBeLessThan(deployment.spec.replicas);
});

it('runs as nobody, and writes nothing', () => {
  for (const { securityContext, containers, automountServiceAccountToken } of pods) {
    // The user "node" of the image, by number: Kubernetes can't tell from a name that it is not root.
    expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(automountServiceAccountToken).toBe(false);
    expect(containers[0].securityContext).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(containers[0].resources).toMatchObject({
      requests: { memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
  }
});

it('sets variables that there are, to values that the program takes', () => {
  expect(Object.keys(env).filter((name) => !(VARIABLES as readonly string[]).includes(name))).toEqual([]);
  const config = loadConfig({ ...image, ...env });
  const ports = Object.fromEntries(
    server.ports.map(({ name, containerPort }: { name: string; containerPort: number }) => [name, containerPort]),
  );
  expect(ports).toEqual({ http: config.port, metrics: config.metrics!.port });
  expect(config.metrics!.host).toBe('0.0.0.0');
  // What createApp gives to requests under way.
  const longest = config.drainDelayMs / 1000 + 30;
  expect(deployment.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(longest);
});

describe('against the program', () => {
  const dir = mkdtempSync(join(tmpdir(), 'latchkey-kubernetes-'));
  let running: Running;
  beforeAll(async () => {
    running = await startProcess({ DATABASE_URL: `sqlite:${dir}/latchkey.sqlite` });
  });
  afterAll(async () => {
    await running.end('SIGTERM');
    rmSync(dir, { recursive: true, force: true });
  });

  it('probes what is there', async () => {
    const probes = [server.livenessProbe, server.readinessProbe].map(({ httpGet }) => httpGet);
    expect(probes).toEqual([
      { path: '/health/live', port: 'http' },
      { path: '/health/ready', port: 'http' },
    ]);
    for (const { path } of probes) expect((await client(running.url)('GET', path)).status).toBe(200);
  });
});

(MODELS ? it : it.skip)('holds to the schemas of Kubernetes', () => {
  const dir = mkdtempSync(join(tmpdir(), 'latchkey-kubernetes-'));
  const program = `
    const { createRequire } = require('node:module');
    const models = createRequire(${JSON.stringify(join(MODELS, 'x.js'))});
    for (const object of JSON.parse(require('node:fs').readFileSync(process.argv[2], 'utf8'))) {
      const [version, group] = object.apiVersion.split('/').reverse();
      const Model = models(['kubernetes-models', group, version].filter(Boolean).join('/'))[object.kind];
      new Model(object).validate();
    }`;
  writeFileSync(join(dir, 'check.cjs'), program);
  const check = (list: unknown[]) => {
    writeFileSync(join(dir, 'objects.json'), JSON.stringify(list));
    execFileSync(process.execPath, [join(dir, 'check.cjs'), join(dir, 'objects.json')], { stdio: 'pipe' });
  };
  check(objects);
  // And the check does find something.
  expect(() => check([{ ...deployment, spec: { ...deployment.spec, replicas: 'two' } }])).toThrow();
  rmSync(dir, { recursive: true, force: true });
});
