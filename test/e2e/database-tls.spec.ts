import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../src/database/data-source.js';
import { ENGINE } from '../support/app.js';
import { type Engine, type Server, startServer } from '../support/database-server.mjs';

const dir = mkdtempSync(join(tmpdir(), 'latchkey-tls-'));
const file = (name: string) => join(dir, name);

/** An authority, and a certificate by it for that host. */
function makeCertificates(host: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  for (const ca of ['ca', 'other-ca'])
    openssl('req', '-x509', ...key, '-keyout', `${ca}.key`, '-out', `${ca}.pem`, '-subj', `/CN=${ca}`);
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', `/CN=${host}`);
  writeFileSync(file('san'), `subjectAltName=DNS:${host}`);
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'san',
    '-out',
    'server.pem',
  );
}

const binary = process.env.TEST_SERVER_BINARY ?? '';
const servers = [
  ['its own host', 'localhost', true],
  ['another host', 'db.example.com', false],
] as const;

if (ENGINE === 'sqlite') {
  it('SQLite has no connection to encrypt: the setting changes nothing', async () => {
    const dataSource = await connect({ url: `sqlite:${file('x.sqlite')}`, tls: true }, []);
    expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await dataSource.destroy();
  });
} else {
  // A server given by its URL has certificates of its own.
  (binary ? describe : describe.skip).each(servers)('with a certificate for %s', (_, host, accepted) => {
    let server: Server;
    let url: string;
    beforeAll(async () => {
      makeCertificates(host);
      const options = [
        `--ssl-ca=${file('ca.pem')}`,
        `--ssl-cert=${file('server.pem')}`,
        `--ssl-key=${file('server.key')}`,
      ];
      server = await startServer(ENGINE as Engine, binary, { options });
      url = `${server.url.replace('127.0.0.1', 'localhost')}/mysql`;
    }, 60_000);
    afterAll(async () => {
      await server.remove();
      rmSync(file('server.pem'));
    });
    const open = (tls: boolean | { ca: string }) => connect({ url, tls }, []);

    it(`by the authority that is named: ${accepted ? 'encrypts' : 'refuses'}`, async () => {
      const opening = open({ ca: readFileSync(file('ca.pem'), 'utf8') });
      if (!accepted) return expect(opening).rejects.toThrow(/altnames/);
      const dataSource = await opening;
      const [{ Value }] = await dataSource.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
      expect(Value).toMatch(/^TLS_|AES/);
      await dataSource.destroy();
    });

    it('by another authority, or by the public ones: refuses', async () => {
      await expect(open({ ca: readFileSync(file('other-ca.pem'), 'utf8') })).rejects.toThrow(/certificate/);
      await expect(open(true)).rejects.toThrow(/certificate/);
    });
  });
}
afterAll(() => rmSync(dir, { recursive: true }));
