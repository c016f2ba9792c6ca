// A CommonJS app whose database is known late.
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthModule } from 'latchkey';
import { GuardedController, OpenController, SCOPES, serve } from './routes.js';

@Injectable()
class Settings {
  readonly url = 'sqlite:host.sqlite';
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Module({
  imports: [
    AuthModule.forRootAsync({
      imports: [SettingsModule],
      inject: [Settings],
      useFactory: (settings: Settings) => ({ database: settings.url, scopes: SCOPES }),
    }),
  ],
  controllers: [GuardedController, OpenController],
})
class AppModule {}

async function main(): Promise<void> {
  await serve(await NestFactory.create(AppModule, { logger: ['error', 'warn'] }));
}
main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
