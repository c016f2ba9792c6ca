import { type DynamicModule, Module } from '@nestjs/common';
import { VerificationModule } from '../verification/verification.module.js';
import { Connections } from './connections.js';
import { DRAIN_DELAY, HealthController } from './health.controller.js';
import { Metrics, METRICS_ADDRESS } from './metrics.js';
import type { MetricsAddress } from './metrics-server.js';
import { NotFoundController } from './not-found.controller.js';

@Module({ controllers: [HealthController, NotFoundController], providers: [Connections] })
export class OperationsModule {
  /** @param options.metrics where they are served; undefined for nowhere. */
  static forRoot(options: { drainDelayMs: number; metrics: MetricsAddress | 'primary' | undefined }): DynamicModule {
    const { drainDelayMs, metrics } = options;
    return {
      module: OperationsModule,
      imports: [VerificationModule],
      providers: [
        { provide: DRAIN_DELAY, useValue: drainDelayMs },
        ...(metrics ? [Metrics, { provide: METRICS_ADDRESS, useValue: metrics }] : []),
      ],
    };
  }
}
