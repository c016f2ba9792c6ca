// Fastify behind a proxy, and a database of Latchkey's own.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AuthModule } from 'latchkey';
import { GuardedController, OpenController, SCOPES, serve } from './routes.js';

@Module({
  imports: [AuthModule.forRoot({ database: 'sqlite:host.sqlite', scopes: SCOPES })],
  controllers: [GuardedController, OpenController],
})
class AppModule {}

await serve(
  await NestFactory.create(AppModule, new FastifyAdapter({ trustProxy: 'loopback' }), { logger: ['error', 'warn'] }),
);
