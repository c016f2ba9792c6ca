import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { createApp } from './app.js';
import type { AppConfig } from './app.module.js';
import { type Config, printsFirstSecrets } from './config.js';
import { firstStartText, setFirstPassword, waysIn } from './operations/first-start.js';

/** The server, with what only one process of a port does before it listens: the tables, and Administrator's password. */
export async function makeServer(config: AppConfig, logger: Logger): Promise<NestFastifyApplication> {
  const app = await createApp(config, logger);
  if (config.adminPassword !== undefined) await setFirstPassword(app, config.adminPassword);
  return app;
}

/** @returns where it listens. */
export async function listen(app: NestFastifyApplication, { port, host }: Config): Promise<string> {
  await app.listen(port, host);
  return (await app.getUrl()).replace('[::1]', 'localhost');
}

/** How to get in, while nobody can: first secrets go to stdout and never through the logger, a way to make them does. */
export async function showWaysIn(
  app: INestApplicationContext,
  config: Config,
  url: string,
  logger: Logger,
): Promise<void> {
  if (printsFirstSecrets(config)) {
    const text = await firstStartText(app, url, config.database.url);
    if (text !== undefined) process.stdout.write(text);
  } else {
    for (const sentence of await waysIn(app, config.database.url)) logger.info(sentence);
  }
}
