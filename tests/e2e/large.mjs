// Messages with a scan of any size in OBX-5, sent piece by piece as a scanner's software does; no side holds it as a whole.

import { createHash } from 'node:crypto';
import http from 'node:http';
import { acknowledged, admission } from './gateway.mjs';

const pieceBytes = 3 << 16;  // whole groups of base64

// The bytes of a fictitious scan, the same for the same name.
function* scan(name, size) {
  let state = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);
  const piece = Buffer.alloc(pieceBytes);
  for (let left = size; left > 0; left -= pieceBytes) {
    for (let i = 0; i < pieceBytes; i += 4) piece.writeInt32LE((state = (Math.imul(state, 1103515245) + 12345) | 0), i);
    yield Buffer.from(piece.subarray(0, Math.min(left, pieceBytes)));
  }
}

export function scanHash(name, size) {
  const hash = createHash('sha256');
  for (const piece of scan(name, size)) hash.update(piece);
  return hash.digest('hex');
}

export const mark = '@SCAN@';

// An unsolicited result with a scan; `mark` stands where it comes.
export function scanned(controlId, person = admission(controlId)) {
  const [head, , pid] = person.split('\r');
  return [
    head.replace('ADT^A01^ADT_A01', 'ORU^R01^ORU_R01'), pid, 'OBR|1||F1^LABO|18748-4^Imagerie^LN|||20260301110000|||||||||||||||||F',
    `OBX|1|ED|18748-4^Imagerie^LN||^application^pdf^Base64^${mark}||||||F`, ''].join('\r');
}

// The bytes of the message around the scan, and of the whole, as a source of pieces.
export function* pieces(message, size, name) {
  const [before, after] = message.split(mark);
  yield Buffer.from(before);
  for (const piece of scan(name, size)) yield Buffer.from(piece.toString('base64'));
  yield Buffer.from(after);
}

// Sends a framed message in pieces; gives the acknowledgement's code, or null when the connection ended before.
export async function sendLarge(sender, message, size, name) {
  const answer = sender.answer();
  sender.raw('\x0b');
  for (const piece of pieces(message, size, name)) {
    if (!sender.open) break;
    if (!sender.socket.write(piece)) await Promise.race([new Promise((go) => sender.socket.once('drain', go)), sender.closed]);
  }
  sender.raw('\x1c\r');
  return acknowledged(await answer);
}

// Reads an answer to its end without keeping it.
export function hashOf(url, headers = {}) {
  return new Promise((done, failed) => {
    http.get(url, { headers, agent: false }, (response) => {
      const hash = createHash('sha256');
      let bytes = 0;
      response.on('data', (piece) => { hash.update(piece); bytes += piece.length; });
      response.on('end', () => done({ status: response.statusCode, type: response.headers['content-type'], bytes, hash: hash.digest('hex') }));
      response.on('error', failed);
    }).on('error', failed);
  });
}
