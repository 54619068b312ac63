// TLS on both sides, by the gateway and by passerelle send.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { admission, binary, gatewayFor, plainToml, temporaryFolder } from './gateway.mjs';

const folder = temporaryFolder();
const file = (name) => path.join(folder, name);
const openssl = (...words) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });

function issue(name, subject, alternative) {
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`,
    '-out', `${name}.csr`, '-subj', `/CN=${subject}`);
  fs.writeFileSync(file(`${name}.ext`), `subjectAltName=${alternative}\n`);
  openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-days', '2', '-out', `${name}.pem`,
    '-extfile', `${name}.ext`);
}

before(() => {
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'ca.key', '-out',
    'ca.pem', '-days', '2', '-subj', '/CN=Test authority');
  issue('server', 'localhost', 'DNS:localhost,IP:127.0.0.1');
  issue('lab', 'lab', 'DNS:lab.example');
  issue('stranger', 'stranger', 'DNS:stranger.example');
  fs.writeFileSync(file('a.hl7'), admission('TLS1'));
});
after(() => fs.rmSync(folder, { recursive: true }));

const secured = () => `
[http]
listen = "127.0.0.1:0"
access = "open"
tls_cert = "${file('server.pem')}"
tls_key = "${file('server.key')}"
[mllp]
listen = "127.0.0.1:0"
tls_cert = "${file('server.pem')}"
tls_key = "${file('server.key')}"
client_ca = "${file('ca.pem')}"
client_names = ["lab.example"]
`;

const send = (gateway, ...options) =>
  spawnSync(binary, ['send', '--to', `mllps://127.0.0.1:${gateway.mllp}`, ...options, file('a.hl7')], { encoding: 'utf8' });
const as = (name) => ['--ca', file('ca.pem'), '--cert', file(`${name}.pem`), '--key', file(`${name}.key`)];

test('a client certificate names the sender', async (t) => {
  const gateway = await gatewayFor(t, { toml: secured() });
  const { status, stdout, stderr } = send(gateway, ...as('lab'));
  assert.equal(status, 0, stderr);
  assert.match(stdout, /MSA\|AA\|TLS1/);
  const [row] = await gateway.rows('SELECT sender, peer_certificate FROM message');
  assert.equal(row.sender, 'lab.example');
  assert.equal(row.peer_certificate, 'lab.example');
});

test('without a certificate, or with one that names a stranger, nobody comes in', async (t) => {
  const gateway = await gatewayFor(t, { toml: secured() });
  assert.equal(send(gateway, '--ca', file('ca.pem')).status, 1);
  assert.equal(send(gateway, ...as('stranger')).status, 1);
  assert.equal((await gateway.rows('SELECT count(*) AS n FROM message'))[0].n, 0);
});

test('send does not talk to a server whose certificate it cannot verify', async (t) => {
  const gateway = await gatewayFor(t, { toml: secured() });
  assert.equal(send(gateway, '--cert', file('lab.pem'), '--key', file('lab.key')).status, 1);
});

test('TLS 1.1 is refused, TLS 1.2 and 1.3 are not', async (t) => {
  const gateway = await gatewayFor(t, { toml: secured() });
  const { port } = new URL(gateway.http);
  const version = (wanted) => new Promise((done) => {
    const socket = tls.connect({ port, host: '127.0.0.1', ca: fs.readFileSync(file('ca.pem')), minVersion: wanted,
      maxVersion: wanted, ciphers: 'DEFAULT@SECLEVEL=0' });
    socket.on('secureConnect', () => (done(socket.getProtocol()), socket.destroy()));
    socket.on('error', (wrong) => done(wrong.code));
  });
  assert.equal(await version('TLSv1.3'), 'TLSv1.3');
  assert.equal(await version('TLSv1.2'), 'TLSv1.2');
  assert.match(await version('TLSv1.1'), /ERR_SSL|ECONNRESET/);
});

test('a certificate that cannot be used shows at start', (t) => {
  const folderOfIts = temporaryFolder();
  t.after(() => fs.rmSync(folderOfIts, { recursive: true }));
  const config = path.join(folderOfIts, 'c.toml');
  fs.writeFileSync(config, `data = "${folderOfIts}/data"\n${plainToml}tls_cert = "${file('a.hl7')}"\ntls_key = "${file('lab.key')}"\n`);
  const { status, stderr } = spawnSync(binary, ['serve', '--config', config], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /3009 TlsUnusable/);
});
