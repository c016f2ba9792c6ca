// Fastify alone: what every row has in common. With TOGETHER=on its answers are written as Latchkey's are.
import fastify from 'fastify';
import { writeTogether } from '../../dist/operations/write-together.js';

const app = fastify();
if (process.env.TOGETHER === 'on') writeTogether(app.server);
app.get('/api/method/ping', () => ({ message: 'pong' }));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
