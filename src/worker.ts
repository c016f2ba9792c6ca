import './v8-flags.js';
import { createApp } from './app.js';
import { FIRST } from './cluster/protocol.js';
import { joinPort } from './cluster/siblings.js';
import { loadConfig } from './config.js';
import { countInPrimary } from './limits/limit.js';
import { makeLogger } from './operations/logger.js';
import { listen, makeServer, showWaysIn } from './server.js';
import { orEnd } from './start.js';

/** One of the processes that share a port, forked by src/cluster/workers.ts. */
await orEnd(async () => {
  const isFirst = process.argv[2] === FIRST;
  const config = loadConfig();
  const own = { ...config, metrics: config.metrics && ('primary' as const) };
  const logger = makeLogger(config.logLevel);
  countInPrimary();
  const app = isFirst ? await makeServer(own, logger) : await createApp({ ...own, migrateOnStart: false }, logger);
  const primary = await joinPort(app);
  const url = await listen(app, config);
  await primary.ask('serving', url);
  if (isFirst) await showWaysIn(app, config, url, logger);
});
