import { connect } from 'node:net';

/** Bytes that are no HTTP, or HTTP that lies about itself. `authorized` is the Authorization line of a System Manager. */
export function wireInputs(authorized: string): Readonly<Record<string, string | Buffer>> {
  const head = (line: string, ...headers: string[]) => [line, 'Host: x', ...headers, '', ''].join('\r\n');
  const post = (...headers: string[]) =>
    head('POST /v1/users HTTP/1.1', authorized, 'Content-Type: application/json', ...headers);
  const get = (...headers: string[]) => head('GET /v1/me HTTP/1.1', ...headers);
  const user = '{"email":"wire@example.com","fullName":"Wire"}';
  const second = head('DELETE /v1/users/victim@example.com HTTP/1.1', authorized);
  return {
    nothing: '',
    'a line end': '\r\n\r\n',
    NUL: '\0'.repeat(100),
    TLS: Buffer.from([0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3]),
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'random bytes': Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * i * 31 + 7) % 256)),
    'half a request line': 'GET /v1/m',
    'half a header': 'GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthoriz',
    'no version': 'GET /v1/me\r\n\r\n',
    'HTTP/0.9': 'GET /v1/me HTTP/0.9\r\n\r\n',
    'HTTP/1.0': head('GET /v1/me HTTP/1.0'),
    'HTTP/1.2': head('GET /v1/me HTTP/1.2'),
    'HTTP/2.0': head('GET /v1/me HTTP/2.0'),
    'HTTP/9.9': head('GET /v1/me HTTP/9.9'),
    'HTTP/99999': head('GET /v1/me HTTP/99999'),
    'another protocol': head('GET /v1/me FTP/1.1'),
    SIP: head('OPTIONS sip:x SIP/2.0'),
    'a method in lower case': head('get /v1/me HTTP/1.1'),
    'a method that is none': head('GE T /v1/me HTTP/1.1'),
    'a method of 10 kB': head(`${'G'.repeat(10_000)} /v1/me HTTP/1.1`),
    CONNECT: head('CONNECT example.com:443 HTTP/1.1'),
    'two blanks': head('GET  /v1/me HTTP/1.1'),
    'a tab': head('GET\t/v1/me\tHTTP/1.1'),
    'a path with a blank': head('GET /v1/users/a b HTTP/1.1', authorized),
    'a path with NUL': head('GET /v1/users/a\0b HTTP/1.1', authorized),
    'a path that is none': head('GET v1/me HTTP/1.1'),
    'a path of 20 kB': head(`GET /${'x'.repeat(20_000)} HTTP/1.1`, authorized),
    'a fragment': head('GET /v1/me#x HTTP/1.1'),
    'another host': head('GET http://evil.example/v1/me HTTP/1.1'),
    'another scheme': head('GET ftp://evil.example/v1/me HTTP/1.1'),
    'an asterisk': head('GET * HTTP/1.1'),
    'no Host': 'GET /v1/me HTTP/1.1\r\n\r\n',
    'line feeds alone': 'GET /v1/me HTTP/1.1\nHost: x\n\n',
    'carriage returns alone': 'GET /v1/me HTTP/1.1\rHost: x\r\r',
    'a header without colon': get('Nonsense'),
    'a header without name': get(': x'),
    'a blank before the colon': get('Authorization : token a:b'),
    'a folded header': get('X: a', ' b'),
    'a header with NUL': get('X: a\0b'),
    'a header with DEL': get('X: a\x7fb'),
    'a header with ESC': get('Authorization: token a:\x1b[2J'),
    'a name with NUL': get('X\0Y: a'),
    'a name that is no token': get('X(Y): a'),
    'headers of 20 kB': get(`X: ${'y'.repeat(20_000)}`),
    '20,000 headers': get(...Array.from({ length: 20_000 }, () => 'a:b')),
    'an Authorization of 20 kB': get(`Authorization: token ${'y'.repeat(20_000)}`),
    'an unknown expectation': get('Expect: the-unexpected'),
    'a length that is negative': post('Content-Length: -5') + user,
    'a length that is no number': post('Content-Length: x') + user,
    'a length in hexadecimal': post('Content-Length: 0x10') + user,
    'a length with a sign': post(`Content-Length: +${user.length}`) + user,
    'a length that is huge': post(`Content-Length: ${'9'.repeat(30)}`) + user,
    'a length over the limit': post('Content-Length: 99999999') + user,
    'a length too long': post(`Content-Length: ${user.length + 10}`) + user,
    'a length too short': post(`Content-Length: ${user.length - 10}`) + user,
    'two lengths': post(`Content-Length: ${user.length}`, 'Content-Length: 3') + user,
    'a list of lengths': post(`Content-Length: ${user.length}, 3`) + user,
    'a length and chunks': post('Content-Length: 3', 'Transfer-Encoding: chunked') + `0\r\n\r\n${second}`,
    'chunks twice': post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
    'an unknown coding': post('Transfer-Encoding: gzip') + user,
    'chunked, then identity': post('Transfer-Encoding: chunked, identity') + '0\r\n\r\n',
    'chunked, misspelt': post('Transfer-Encoding: xchunked') + `0\r\n\r\n${second}`,
    'chunked, with a blank': post('Transfer-Encoding : chunked') + '0\r\n\r\n',
    'a chunk whose size is none': post('Transfer-Encoding: chunked') + 'zz\r\nx\r\n0\r\n\r\n',
    'a chunk whose size is negative': post('Transfer-Encoding: chunked') + '-1\r\nx\r\n0\r\n\r\n',
    'a chunk whose size is huge': post('Transfer-Encoding: chunked') + 'fffffffffffffffff\r\nx\r\n0\r\n\r\n',
    'a chunk longer than it says': post('Transfer-Encoding: chunked') + `5\r\n${user}\r\n0\r\n\r\n`,
    'a chunk shorter than it says': post('Transfer-Encoding: chunked') + `ff\r\n${user}\r\n0\r\n\r\n`,
    'chunks without end': post('Transfer-Encoding: chunked') + `${user.length.toString(16)}\r\n${user}\r\n`,
    'an extension of 20 kB': post('Transfer-Encoding: chunked') + `1;${'x'.repeat(20_000)}\r\n{\r\n0\r\n\r\n`,
    'trailers of 20 kB': post('Transfer-Encoding: chunked') + `1\r\n{\r\n0\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
    '1 MB in chunks':
      post('Transfer-Encoding: chunked') + `10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(16) + '0\r\n\r\n',
    'a body that breaks off': post('Content-Length: 1000') + user,
    'a body for HEAD':
      head('HEAD /v1/me HTTP/1.1', `Content-Length: ${second.length}`) + second.replace(authorized, 'X: y'),
    'a hundred bad requests at once': get('Authorization: token a:b').repeat(100),
  };
}

/** Sends bytes on a connection of their own, and ends it. @returns all that came back; empty when it was closed. */
export async function sendBytes(url: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(10_000, () => socket.destroy(new Error('not answered and not closed within 10 s')));
  let received = '';
  let failure: Error | undefined;
  socket.setEncoding('latin1').on('data', (chunk) => (received += chunk));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // It may close while there is more to come.
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') failure = error;
  });
  socket.end(bytes, 'latin1' as never);
  await new Promise((resolve) => socket.once('close', resolve));
  if (failure) throw failure;
  return received;
}
