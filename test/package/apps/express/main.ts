// Express, and the host's own DataSource, which holds tables of the host too.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule, LATCHKEY_ENTITIES, LATCHKEY_MIGRATIONS } from 'latchkey';
import { GuardedController, OpenController, serve } from './routes.js';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'sqljs',
      entities: [...LATCHKEY_ENTITIES],
      migrations: [...LATCHKEY_MIGRATIONS],
      migrationsRun: true,
    }),
    AuthModule.forRoot({ dataSource: 'default' }),
  ],
  controllers: [GuardedController, OpenController],
})
class AppModule {}

await serve(await NestFactory.create(AppModule, { logger: ['error', 'warn'] }));
