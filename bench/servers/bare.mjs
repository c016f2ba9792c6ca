// Fastify alone: what every row has in common.
import fastify from 'fastify';

const app = fastify();
app.get('/api/method/ping', () => ({ message: 'pong' }));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
