import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AuthModule } from 'latchkey';
import { ArticlesController } from './articles.controller.js';

// mysql://user:password@host:3306/name, mariadb://… or sqlite:path. The same default as that of the command line.
const database = process.env.DATABASE_URL ?? 'sqlite:data/latchkey.sqlite';

@Module({
  imports: [AuthModule.forRoot({ database })],
  controllers: [ArticlesController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, new FastifyAdapter());
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
console.log(`Listening on ${await app.getUrl()}`);
