// Express behind a proxy, and the host's own DataSource, which holds tables of the host too.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule, LATCHKEY_ENTITIES, LATCHKEY_MIGRATIONS } from 'latchkey';
import { GuardedController, OpenController, SCOPES, serve } from './routes.js';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'sqljs',
      entities: [...LATCHKEY_ENTITIES],
      migrations: [...LATCHKEY_MIGRATIONS],
      migrationsRun: true,
    }),
    AuthModule.forRoot({ dataSource: 'default', scopes: SCOPES }),
  ],
  controllers: [GuardedController, OpenController],
})
class AppModule {}

const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['error', 'warn'] });
app.set('trust proxy', 'loopback');
await serve(app);
