import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { ExpressAdapter } from '@nestjs/platform-express';
import { AuthModule } from 'latchkey';
import { JWT_SECRET, JwtStrategy } from './jwt.strategy.js';
import { ReportsController } from './reports.controller.js';

// mysql://user:password@host:3306/name, mariadb://… or sqlite:path. The same default as that of the command line.
const database = process.env.DATABASE_URL ?? 'sqlite:data/latchkey.sqlite';

@Module({
  imports: [
    AuthModule.forRoot({ database }),
    JwtModule.register({ secret: JWT_SECRET, signOptions: { expiresIn: '10m', algorithm: 'HS256' } }),
  ],
  controllers: [ReportsController],
  providers: [JwtStrategy],
})
class AppModule {}

const app = await NestFactory.create(AppModule, new ExpressAdapter());
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
console.log(`Listening on ${await app.getUrl()}`);
