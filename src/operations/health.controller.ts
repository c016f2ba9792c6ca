import { type BeforeApplicationShutdown, Controller, Get, Inject, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import { setTimeout as delay } from 'node:timers/promises';
import type { Server } from 'node:http';
import { NoAuthentication } from '../auth/decorators.js';
import { Database } from '../database/database.js';
import { Connections } from './connections.js';
import { LatchkeyError } from '../latchkey.error.js';
import { ApiProblems, ApiSuccess } from '../openapi/decorators.js';

/** How long one that has just connected has for its first byte. */
const SILENT_MS = 1000;

/** Token of the milliseconds between "not ready" and the end of listening. */
export const DRAIN_DELAY = Symbol('DRAIN_DELAY');

@ApiSchema({ name: 'Health' })
class HealthView {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

/** For the ones who start, stop and route to this process: is it alive, does it want requests? */
@Controller('health')
@NoAuthentication()
@ApiTags('Health')
export class HealthController implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Process');
  private draining = false;
  /** The question that is under way. Anyone may ask: all share one, so that a flood takes one connection at most. */
  private asking: Promise<unknown> | undefined;

  constructor(
    private readonly database: Database,
    @Inject(DRAIN_DELAY) private readonly drainDelayMs: number,
    private readonly adapterHost: HttpAdapterHost,
    private readonly connections: Connections,
  ) {}

  @Get('live')
  @ApiSuccess('Tell whether the process is alive', 200, HealthView)
  getLive(): HealthView {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiSuccess('Tell whether the process wants requests', 200, HealthView)
  @ApiProblems('unavailable')
  async getReady(): Promise<HealthView> {
    if (this.draining) throw new LatchkeyError('unavailable', 'This process is shutting down.');
    this.asking ??= this.database.select('SELECT 1 AS one', []).finally(() => (this.asking = undefined));
    await this.asking;
    return { status: 'ok' };
  }

  /**
   * Before the listening ends, load balancers get the time to see that it will. Without a signal, others go on listening
   * at this port: it stays ready, and what has just been connected here is still served.
   */
  async beforeApplicationShutdown(signal?: string): Promise<void> {
    this.draining = signal !== undefined;
    this.logger.log(`Shutting down${signal ? ` on ${signal}` : ''}`);
    if (signal === 'SIGTERM') await delay(this.drainDelayMs);
    // Closing waits for every connection, also for those that say nothing, or never the rest of a request.
    if (this.draining) this.connections.closeSilent();
    else setTimeout(() => this.connections.closeSilent(), SILENT_MS).unref();
    const server = this.adapterHost.httpAdapter.getHttpServer() as Server;
    // Node stops to look after this limit of its own once the listening has ended.
    setTimeout(() => server.closeAllConnections(), server.requestTimeout).unref();
  }
}
