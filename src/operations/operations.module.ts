import { type DynamicModule, Module } from '@nestjs/common';
import { Connections } from './connections.js';
import { DRAIN_DELAY, HealthController } from './health.controller.js';
import { NotFoundController } from './not-found.controller.js';

@Module({ controllers: [HealthController, NotFoundController], providers: [Connections] })
export class OperationsModule {
  static forRoot(drainDelayMs: number): DynamicModule {
    return { module: OperationsModule, providers: [{ provide: DRAIN_DELAY, useValue: drainDelayMs }] };
  }
}
