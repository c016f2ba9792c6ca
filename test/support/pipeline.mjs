// Connections that send the same request again and again, eight at a time, whatever the answers, in a process of its own
// that goes on until it is ended: node pipeline.mjs '{"url", "connections", "request"}'.
import { connect } from 'node:net';

const AT_ONCE = 8;
const { url, connections, request } = JSON.parse(process.argv[2]);
const { hostname, port } = new URL(url);

function open() {
  const socket = connect(Number(port), hostname);
  const send = () => socket.write(request.repeat(AT_ONCE));
  let seen = 0;
  socket.on('connect', send);
  socket.on('data', (data) => {
    seen += data.toString('latin1').split('HTTP/1.1 ').length - 1;
    if (seen >= AT_ONCE) send();
    seen %= AT_ONCE;
  });
  socket.on('error', () => undefined);
  socket.on('close', () => setTimeout(open, 100));
}

for (let i = 0; i < connections; i++) open();
