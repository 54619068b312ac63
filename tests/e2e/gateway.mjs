// Starts the real binary in a folder of its own on free loopback ports, and looks into what it kept.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const build = process.env.PASSERELLE_BUILD ?? path.resolve(import.meta.dirname, '../../build');
export const binary = path.join(build, 'passerelle');
export const acknowledgeFirst = path.join(build, 'passerelle_acknowledge_first');

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function temporaryFolder() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'passerelle-e2e-'));
}

// `until()` gives something true, or the wait ends in an error that names `what`.
export async function waitFor(what, until, timeoutMs = 10_000) {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(20)) {
    const value = await until();
    if (value) return value;
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}`);
}

export const plainToml = `
[http]
listen = "127.0.0.1:0"
access = "open"
[mllp]
listen = "127.0.0.1:0"
`;

// One installation: its folder stays over restarts, its process does not.
export class Gateway {
  // `around` is a command that runs the program (its last words), for a world of its own.
  constructor({ toml = plainToml, folder = temporaryFolder(), program = binary, around = [] } = {}) {
    Object.assign(this, { toml, folder, program, around });
  }

  async start() {
    const config = path.join(this.folder, 'passerelle.toml');
    fs.writeFileSync(config, `data = "${this.folder}/data"\n${this.toml}`);
    this.output = '';
    this.errors = '';
    const [first, ...rest] = [...this.around, this.program, 'serve', '--config', config];
    this.child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = once(this.child, 'exit').then(([code, signal]) => ({ code, signal }));
    this.child.stderr.on('data', (bytes) => (this.errors += bytes));
    await new Promise((ready, failed) => {
      this.child.stdout.on('data', (bytes) => {
        this.output += bytes;
        if (this.output.includes('passerelle: ready')) ready();
      });
      this.ended.then(({ code }) => failed(new Error(`ended with ${code}: ${this.errors}`)));
    });
    this.ports = {};
    for (const [, feed, port] of this.output.matchAll(/feed (\S+): mllps?:\/\/\S+?:(\d+)$/gm)) this.ports[feed] = +port;
    this.http = this.output.match(/^passerelle: (https?:\/\/\S+)$/m)[1];
    this.mllp = this.ports.mllp;
    return this;
  }

  async kill() {
    this.child.kill('SIGKILL');
    return await this.ended;
  }

  async stop() {
    if (this.child.exitCode === null) this.child.kill('SIGTERM');
    return await this.ended;
  }

  async remove() {
    await this.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  // Rows of the journal, read behind the gateway's back.
  async rows(sql) {
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(path.join(this.folder, 'data', 'passerelle.db'), { readOnly: true });
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  }

  residentMiB() {
    return +fs.readFileSync(`/proc/${this.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1] / 1024;
  }
}

// Starts a gateway that a test removes when it ends.
export async function gatewayFor(t, options) {
  const gateway = new Gateway(options);
  t.after(() => gateway.remove());
  return await gateway.start();
}

// A sender that sees every byte. Frames are taken as strings of bytes ("latin1").
export class Sender {
  static async connect(port) {
    const sender = new Sender();
    sender.socket = net.connect(port, '127.0.0.1');
    sender.buffer = '';
    sender.waiting = [];
    sender.open = true;
    sender.socket.setNoDelay(true);
    sender.socket.on('data', (bytes) => sender.take(bytes.toString('latin1')));
    sender.socket.on('error', () => {});
    sender.closed = new Promise((done) => sender.socket.on('close', done)).then(() => {
      sender.open = false;
      sender.waiting.splice(0).forEach((give) => give(null));
    });
    await Promise.race([once(sender.socket, 'connect'), sender.closed]);
    return sender;
  }

  take(text) {
    this.buffer += text;
    for (let end; (end = this.buffer.indexOf('\x1c\r')) >= 0; ) {
      const frame = this.buffer.slice(this.buffer.indexOf('\x0b') + 1, end);
      this.buffer = this.buffer.slice(end + 2);
      this.waiting.shift()?.(frame);
    }
  }

  raw(bytes) {
    this.socket.write(bytes, 'latin1');
  }

  // The acknowledgement, or null when the connection ended before.
  answer() {
    return this.open ? new Promise((give) => this.waiting.push(give)) : Promise.resolve(null);
  }

  send(message) {
    const answer = this.answer();
    this.raw(`\x0b${message}\x1c\r`);
    return answer;
  }

  close() {
    this.socket.destroy();
  }
}

export const acknowledged = (ack) => ack?.match(/\rMSA\|(\w\w)/)?.[1] ?? null;

// Fictitious people, one for each number.
export function admission(controlId, patient = controlId, more = '') {
  const name = `ESSAI${String.fromCharCode(65 + (Number.parseInt(patient, 36) % 26 || 0))}`;
  return (
    `MSH|^~\\&|SIH|HOPITAL|PASSERELLE|DOSSIER|20260301120000||ADT^A01^ADT_A01|${controlId}|P|2.5^FRA^2.11||||||UNICODE UTF-8\r` +
    `EVN||20260301120000\r` +
    `PID|||${patient}^^^CHU-E2E&1.2.250.1.999.1&ISO^PI||${name}^CAMILLE^^^^^L||19800101|F|||^^PARIS^^75001^FRA^H\r` +
    `PV1||I|CARDIO^101^1^CHU-E2E|||||||||||||||||S${controlId}^^^CHU-E2E\r` +
    more
  );
}

// A fictitious person with a qualified identity of the test domain; its key is right (modulus 97).
export function qualified(number) {
  const body = `2800175${String(number).padStart(6, '0')}`;
  const ins = body + String(97 - Number(BigInt(body) % 97n)).padStart(2, '0');
  const [head, pid, ...rest] = admission(`Q${number}`, `Q${number}`).split(/\r(?=PID)|\r(?=PV1)/);
  const fields = pid.split('|');
  fields[3] += `~${ins}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS`;
  fields[32] = 'VALI';
  return [head, Array.from(fields, (field) => field ?? '').join('|'), ...rest].join('\r');
}

// Answers as a FHIR server that took every entry of a transaction.
export function takenBy(response, bundle) {
  const entry = bundle.entry.map(() => ({ response: { status: '200' } }));
  response.setHeader('Content-Type', 'application/fhir+json');
  response.end(JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry }));
}

// A sender's own listener: keeps what it is sent, answers messages with AA.
export async function listener(t) {
  const heard = [];
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    let buffer = '';
    socket.on('data', (bytes) => {
      buffer += bytes.toString('latin1');
      for (let end; (end = buffer.indexOf('\x1c\r')) >= 0; ) {
        const message = buffer.slice(buffer.indexOf('\x0b') + 1, end);
        buffer = buffer.slice(end + 2);
        heard.push(message);
        const id = message.split('|')[9];
        if (!message.includes('|ACK')) socket.write(`\x0bMSH|^~\\&|X|X|Y|Y|20260101||ACK|1|P|2.5\rMSA|AA|${id}\r\x1c\r`);
      }
    });
    socket.on('error', () => {});
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => (server.close(), sockets.forEach((socket) => socket.destroy())));
  return { heard, port: server.address().port };
}
