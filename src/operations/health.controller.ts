import { type BeforeApplicationShutdown, Controller, Get, Inject, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { setTimeout as delay } from 'node:timers/promises';
import { NoAuthentication } from '../auth/decorators.js';
import { Database } from '../database/database.js';
import { LatchkeyError } from '../latchkey.error.js';

/** Token of the milliseconds between "not ready" and the end of listening. */
export const DRAIN_DELAY = Symbol('DRAIN_DELAY');

/** Time for requests under way to finish; a slow one may take as long as the server's own limit for it allows. */
const CLOSE_WITHIN_MS = 10_000;

/** For the ones who start, stop and route to this process: is it alive, does it want requests? */
@Controller('health')
@NoAuthentication()
export class HealthController implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Process');
  private draining = false;

  constructor(
    private readonly database: Database,
    @Inject(DRAIN_DELAY) private readonly drainDelayMs: number,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  @Get('live')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready() {
    if (this.draining) throw new LatchkeyError('unavailable', 'This process is shutting down.');
    await this.database.select('SELECT 1 AS one', []);
    return { status: 'ok' };
  }

  /** Before the listening ends, load balancers get the time to see that it will. */
  async beforeApplicationShutdown(signal?: string): Promise<void> {
    this.draining = true;
    this.logger.log(`Shutting down${signal ? ` on ${signal}` : ''}`);
    // Closing waits for every connection, and some never end by themselves: one that says nothing, half a request.
    setTimeout(
      () => this.adapterHost.httpAdapter.getHttpServer().closeAllConnections(),
      this.drainDelayMs + CLOSE_WITHIN_MS,
    ).unref();
    if (signal === 'SIGTERM') await delay(this.drainDelayMs);
  }
}
