import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AuditRecord } from '../audit/chain.js';
import { AUDIT } from '../audit/trail.js';
import { Database } from '../database/database.js';
import { Lease } from '../revocation/lease.js';
import { ApiKeyVerifier } from '../verification/api-key.verifier.js';
import { type Refusal, REFUSALS, type Verification, VERIFICATIONS } from '../verification/verification-events.js';
import { VERSION } from '../version.js';
import { type MetricsAddress, serveMetrics } from './metrics-server.js';
import { RequestMetrics, SECONDS } from './request-metrics.js';

/** Token of where the metrics are served. */
export const METRICS_ADDRESS = Symbol('METRICS_ADDRESS');

/**
 * Metrics for Prometheus, at /metrics of a port of their own. No label has a value that a caller can choose or that
 * grows with users: routes stand as they are written in the code.
 */
@Injectable()
export class Metrics implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Metrics');
  private readonly registry = new Registry();
  private readonly registers = [this.registry];
  private server: Server | undefined;
  /** What memory has answered, as far as it is counted already. */
  private hits = 0;
  private refusals = 0;

  readonly requests = new RequestMetrics();
  private readonly verifications = new Counter({
    name: 'latchkey_verifications_total',
    help: 'Key pairs judged. failed: the database could not say. rejected, limited: too many unknown or bad ones, not asked.',
    labelNames: ['outcome'],
    registers: this.registers,
    collect: () => this.countHits(),
  });
  private readonly cacheHits = new Counter({
    name: 'latchkey_cache_hits_total',
    help: 'Key pairs accepted from memory, without a query.',
    registers: this.registers,
  });
  private readonly verifyTime = new Histogram({
    name: 'latchkey_verify_duration_seconds',
    help: 'Time to judge a token that memory alone could not judge; cold: with a query.',
    labelNames: ['kind'],
    buckets: SECONDS,
    registers: this.registers,
  });

  private readonly refusedSecrets = new Counter({
    name: 'latchkey_refused_secrets_total',
    help: 'Requests whose secret is right, and which were refused all the same. address: by its networks. scope: by its scopes. limit: by its limits.',
    labelNames: ['reason'],
    registers: this.registers,
  });

  private readonly auditRows = new Counter({
    name: 'latchkey_audit_rows_total',
    help: 'Rows that this process has written to the audit trail.',
    labelNames: ['event'],
    registers: this.registers,
  });

  constructor(
    private readonly database: Database,
    private readonly verifier: ApiKeyVerifier,
    private readonly lease: Lease,
    @Inject(METRICS_ADDRESS) private readonly address: MetricsAddress | 'primary',
  ) {
    collectDefaultMetrics({ register: this.registry });
    this.requests.registerIn(this.registry);
    for (const outcome of ['accepted', 'refused', 'failed', 'rejected', 'limited'])
      this.verifications.inc({ outcome }, 0);
    for (const reason of ['address', 'scope', 'limit']) this.refusedSecrets.inc({ reason }, 0);
    new Gauge({
      name: 'latchkey_build_info',
      help: 'Always 1; the labels tell what runs.',
      labelNames: ['version', 'node'],
      aggregator: 'first',
      registers: this.registers,
    }).set({ version: VERSION, node: process.version }, 1);
    this.watchMemory();
    if (database.pool()) this.watchPool();
  }

  async onApplicationBootstrap(): Promise<void> {
    subscribe(VERIFICATIONS, this.onVerification);
    subscribe(REFUSALS, this.onRefusal);
    subscribe(AUDIT, this.onAuditRow);
    if (this.address === 'primary') return;
    const { server, url } = await serveMetrics(
      this.address,
      () => this.registry.metrics(),
      (error) => this.logger.error(error),
    );
    this.server = server;
    this.logger.log({ metrics: url });
  }

  /** For the primary of a cluster, which adds up what its workers have. */
  asJson() {
    return this.registry.getMetricsAsJSON();
  }

  /** Last of all, so that the end can be watched. */
  onApplicationShutdown(): void {
    unsubscribe(VERIFICATIONS, this.onVerification);
    unsubscribe(REFUSALS, this.onRefusal);
    unsubscribe(AUDIT, this.onAuditRow);
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private readonly onVerification = (message: unknown): void => {
    const { outcome, seconds } = message as Verification;
    this.verifications.inc({ outcome });
    if (outcome !== 'rejected') this.verifyTime.observe({ kind: 'cold' }, seconds);
  };

  private readonly onRefusal = (message: unknown): void => {
    this.refusedSecrets.inc({ reason: (message as Refusal).reason });
  };

  private readonly onAuditRow = (message: unknown): void => {
    this.auditRows.inc({ event: (message as AuditRecord).event });
  };

  private countHits(): void {
    const { hits, refusals } = this.verifier;
    this.cacheHits.inc(hits - this.hits);
    this.verifications.inc({ outcome: 'accepted' }, hits - this.hits);
    this.verifications.inc({ outcome: 'refused' }, refusals - this.refusals);
    [this.hits, this.refusals] = [hits, refusals];
  }

  private watchMemory(): void {
    const { verifier, lease } = this;
    const cached = new Gauge({
      name: 'latchkey_cached_keys',
      help: 'API keys in memory.',
      registers: [],
      collect() {
        this.set(verifier.size);
      },
    });
    const age = new Gauge({
      name: 'latchkey_lease_age_seconds',
      aggregator: 'max', // of the workers
      help: 'Since the start of the last poll that succeeded; past 0.9, what is in memory is not used. NaN before the first.',
      registers: [],
      collect() {
        this.set((lease.age ?? Number.NaN) / 1000);
      },
    });
    this.registry.registerMetric(cached);
    this.registry.registerMetric(age);
  }

  private watchPool(): void {
    const { database } = this;
    const connections = new Gauge({
      name: 'latchkey_database_connections',
      help: 'Connections to the database.',
      labelNames: ['state'],
      registers: [],
      collect() {
        const { open, idle } = database.pool()!;
        this.set({ state: 'busy' }, open - idle);
        this.set({ state: 'idle' }, idle);
      },
    });
    const waiting = new Gauge({
      name: 'latchkey_database_waiting',
      help: 'Queries that wait for a connection.',
      registers: [],
      collect() {
        this.set(database.pool()!.waiting);
      },
    });
    this.registry.registerMetric(connections);
    this.registry.registerMetric(waiting);
  }
}
