// What one writes by hand with Nest (on Fastify) and TypeORM (on SQLite, by Latchkey's driver): a guard that finds the key
// with its user by `findOne`. JavaScript has no decorators, so they are called.
import 'reflect-metadata';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Controller, Get, Inject, Injectable, Module, Req, UnauthorizedException, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import { EntitySchema } from 'typeorm';
import { SqliteDatabase } from '../../dist/database/engines/sqlite.driver.js';

const { DATABASE_FILE, HEADERS_FILE, PORT, USERS } = process.env;
const sha256 = (text) => createHash('sha256').update(text).digest();

const User = new EntitySchema({
  name: 'User',
  columns: { id: { type: Number, primary: true }, name: { type: String }, enabled: { type: Boolean } },
});
const ApiKey = new EntitySchema({
  name: 'ApiKey',
  columns: { key: { type: String, primary: true }, digest: { type: 'blob' } },
  relations: { user: { type: 'many-to-one', target: 'User', joinColumn: true } },
});

class ApiKeyGuard {
  constructor(keys) {
    this.keys = keys;
  }

  async canActivate(context) {
    const request = context.switchToHttp().getRequest();
    const [, key, secret] = /^token ([^:]+):(.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const found = key && (await this.keys.findOne({ where: { key }, relations: { user: true } }));
    if (!found || !found.user.enabled || !timingSafeEqual(sha256(secret), found.digest)) {
      throw new UnauthorizedException();
    }
    request.user = found.user;
    return true;
  }
}
Injectable()(ApiKeyGuard);
Inject(getRepositoryToken(ApiKey))(ApiKeyGuard, undefined, 0);

class Methods {
  ping() {
    return { message: 'pong' };
  }

  loggedUser(request) {
    return { message: request.user.name };
  }
}
function method(name, ...decorators) {
  for (const decorate of decorators) {
    decorate(Methods.prototype, name, Object.getOwnPropertyDescriptor(Methods.prototype, name));
  }
}
Controller('api/method')(Methods);
method('ping', Get('ping'));
method('loggedUser', Get('frappe.auth.get_logged_user'), UseGuards(ApiKeyGuard));
Req()(Methods.prototype, 'loggedUser', 0);

class App {}
Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'better-sqlite3',
      driver: SqliteDatabase,
      database: DATABASE_FILE,
      enableWAL: true,
      entities: [User, ApiKey],
      synchronize: true,
    }),
    TypeOrmModule.forFeature([ApiKey]),
  ],
  controllers: [Methods],
})(App);

const app = await NestFactory.create(App, new FastifyAdapter(), { logger: ['error', 'warn'] });
const keys = app.get(getRepositoryToken(ApiKey));
await keys.manager.transaction(async (manager) => {
  const lines = [];
  for (let id = 0; id < Number(USERS); id++) {
    const [key, secret] = [randomBytes(11).toString('hex'), randomBytes(24).toString('hex')];
    const user = { id, name: `user${id}@example.com`, enabled: true };
    await manager.insert(User, user);
    await manager.insert(ApiKey, { key, digest: sha256(secret), user });
    lines.push(`Authorization: token ${key}:${secret}\n`);
  }
  writeFileSync(HEADERS_FILE, lines.join(''));
});
await app.listen(Number(PORT), '127.0.0.1');
