// A load on one URL, in a process of its own: node load.mjs '{"url", "connections", "seconds", "tokens", "bodies"}'. Each
// connection sends its next request when the last one is answered: with `bodies` it posts one of them, with `tokens` it
// asks with one of them, else with a key that nobody has. Prints
// {"count", "statuses", "p50", "p99", "max"}; the times are milliseconds.
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';

const { url, connections, seconds, tokens, bodies } = JSON.parse(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const end = performance.now() + seconds * 1000;
const times = [];
const statuses = {};

function ask(headers, body) {
  return new Promise((resolve) => {
    const began = performance.now();
    const done = (status) => {
      times.push(performance.now() - began);
      statuses[status] = (statuses[status] ?? 0) + 1;
      resolve();
    };
    const sent = request(url, { agent, method: body === undefined ? 'GET' : 'POST', headers }, (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode));
    });
    sent.on('error', (error) => done(error.code));
    sent.end(body);
  });
}

async function connection(index) {
  for (let i = index; performance.now() < end; i++) {
    if (bodies) {
      const body = JSON.stringify(bodies[i % bodies.length]);
      await ask({ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }, body);
      continue;
    }
    const unknown = `token lk_${randomBytes(11).toString('hex')}:lks_${randomBytes(24).toString('hex')}`;
    await ask({ authorization: tokens ? tokens[i % tokens.length] : unknown });
  }
}

await Promise.all(Array.from({ length: connections }, (_, index) => connection(index)));
times.sort((a, b) => a - b);
const at = (share) => Math.round(times[Math.floor((times.length - 1) * share)] * 100) / 100;
process.stdout.write(`${JSON.stringify({ count: times.length, statuses, p50: at(0.5), p99: at(0.99), max: at(1) })}\n`);
agent.destroy();
