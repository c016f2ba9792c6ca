import 'reflect-metadata';
import { createApp } from './app.js';
import { loadConfig, printsFirstSecrets } from './config.js';
import { firstStartText, setFirstPassword } from './operations/first-start.js';
import { makeLogger } from './operations/logger.js';

try {
  const config = loadConfig();
  const logger = makeLogger(config.logLevel);
  const app = await createApp(config, logger);
  if (config.adminPassword !== undefined) await setFirstPassword(app, config.adminPassword);
  await app.listen(config.port, config.host);
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  logger.info({ url }, 'listening');
  const text = printsFirstSecrets(config) ? await firstStartText(app, url, config.database.url) : undefined;
  if (text !== undefined) process.stdout.write(text); // never through the logger
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  process.stderr.write(`latchkey: ${message}${code === 'EADDRINUSE' ? '; set PORT to another one' : ''}\n`);
  process.exit(1);
}
