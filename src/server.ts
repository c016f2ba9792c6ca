import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { createApp } from './app.js';
import type { AppConfig } from './app.module.js';
import { type Config, printsFirstSecrets } from './config.js';
import { firstStartText, setFirstPassword } from './operations/first-start.js';

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

/** What the first start shows, on stdout and never through the logger. */
export async function printFirstSecrets(app: INestApplicationContext, config: Config, url: string): Promise<void> {
  const text = printsFirstSecrets(config) ? await firstStartText(app, url, config.database.url) : undefined;
  if (text !== undefined) process.stdout.write(text);
}
