import 'reflect-metadata';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { createApp } from './app.js';
import { loadConfig, printsFirstToken } from './config.js';
import { firstStartText } from './operations/first-start.js';
import { makeLogger } from './operations/logger.js';

try {
  const config = loadConfig();
  const logger = makeLogger(config.logLevel);
  const app = await createApp(config, logger);
  await app.listen(config.port, config.host);
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  logger.info({ url }, 'listening');
  const text = printsFirstToken(config)
    ? await firstStartText(app.get(ApiKeysService), url, config.database.url)
    : undefined;
  if (text !== undefined) process.stdout.write(text); // never through the logger
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  process.stderr.write(`latchkey: ${message}${code === 'EADDRINUSE' ? '; set PORT to another one' : ''}\n`);
  process.exit(1);
}
