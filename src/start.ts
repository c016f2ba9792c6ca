import './v8-flags.js';
import { loadConfig } from './config.js';
import { makeLogger } from './operations/logger.js';
import { startProblem } from './start-problem.js';

/**
 * Starts the server: in this process, or in several that share the port.
 * @param options.workers in place of the variable WORKERS.
 */
export async function start(options: { readonly workers?: number } = {}): Promise<void> {
  await orEnd(async () => {
    const config = loadConfig();
    const logger = makeLogger(config.logLevel);
    const { workers = config.workers } = options;
    if (workers > 1) {
      const { Workers } = await import('./cluster/workers.js');
      return new Workers(workers, config, logger).start();
    }
    const { listen, makeServer, showWaysIn } = await import('./server.js');
    const app = await makeServer(config, logger);
    const url = await listen(app, config);
    logger.info({ url }, 'listening');
    await showWaysIn(app, config, url, logger);
  });
}

/** Does `work`; when that fails, says why and ends the process. */
export async function orEnd(work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`latchkey: ${startProblem(error)}\n`);
    process.exit(1);
  }
}
