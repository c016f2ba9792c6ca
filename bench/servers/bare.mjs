// Fastify alone: what every row has in common. With TOGETHER=on its answers are written as Latchkey's are; with WORKERS,
// it is that many processes of Node's cluster.
import cluster from 'node:cluster';
import fastify from 'fastify';
import { writeTogether } from '../../dist/operations/write-together.js';

const { PORT, TOGETHER, WORKERS = 1 } = process.env;

if (cluster.isPrimary && WORKERS > 1) {
  for (let i = 0; i < WORKERS; i++) cluster.fork();
} else {
  const app = fastify();
  if (TOGETHER === 'on') writeTogether(app.server);
  app.get('/api/method/ping', () => ({ message: 'pong' }));
  await app.listen({ port: Number(PORT), host: '127.0.0.1' });
}
