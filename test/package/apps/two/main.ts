// Two apps of each kind at once in one process, and one of each that was closed before: a database each.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AuthModule } from 'latchkey';
import { GuardedController, makeTokens, OpenController, SCOPES } from './routes.js';

class AppModule {}

const ADAPTERS = { Express: () => new ExpressAdapter(), Fastify: () => new FastifyAdapter() };

async function start(kind: keyof typeof ADAPTERS, name: string) {
  const module = {
    module: AppModule,
    imports: [AuthModule.forRoot({ database: `sqlite:${name}.sqlite`, scopes: SCOPES })],
    controllers: [GuardedController, OpenController],
  };
  const app = await NestFactory.create(module, ADAPTERS[kind](), { logger: ['error', 'warn'] });
  const tokens = await makeTokens(app);
  await app.listen(0, '127.0.0.1');
  return { app, name, url: await app.getUrl(), token: tokens['user@example.com']! };
}

const closed = [await start('Express', 'closed-express'), await start('Fastify', 'closed-fastify')];
for (const { app } of closed) await app.close();
const alive = [
  await start('Express', 'express-1'),
  await start('Fastify', 'fastify-1'),
  await start('Express', 'express-2'),
  await start('Fastify', 'fastify-2'),
];
const shown = ({ name, url, token }: (typeof alive)[number]) => ({ name, url, token });
console.log(`READY ${JSON.stringify({ alive: alive.map(shown), closed: closed.map(shown) })}`);
