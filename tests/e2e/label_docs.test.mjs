// docs/labelling.md, each command typed as it is printed there: what a vendor does from nothing to a JUnit file, an
// auditor from a label to a replayed verdict, and both over HTTP. A command that is no longer right fails here.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { benchToml, standingToken } from './console.mjs';
import { Gateway, binary, temporaryFolder } from './gateway.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const shared = path.resolve(root, '../shared');
const skip = fs.existsSync(path.join(shared, 'value-sets-fr')) ? false : 'skipped: no ../shared';
const page = fs.readFileSync(path.join(root, 'docs/labelling.md'), 'utf8');

// The commands of a section, in order, without what a comment says of them.
function commandsOf(heading) {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading));
  assert.ok(section, heading);
  const commands = section.split('\n').filter((line) => /^ {4}(passerelle|export|curl|unzip|H=|cd) ?/.test(line))
    .map((line) => line.trim().replace(/\s{2,}#.*$/, '').replace(/ # .*$/, ''));
  assert.ok(commands.length > 0, heading);
  return commands;
}

// A shell of somebody who has just built the program, in a fresh copy of the examples.
class Visitor {
  constructor(t) {
    this.folder = temporaryFolder();
    t.after(() => fs.rmSync(this.folder, { recursive: true }));
    this.here = path.join(this.folder, 'examples/labelling');
    fs.cpSync(path.join(root, 'examples/labelling'), this.here, { recursive: true });
    fs.symlinkSync(path.dirname(binary), path.join(this.folder, 'build'));
    fs.mkdirSync(path.join(this.here, 'out'));
    this.env = { ...process.env, PATH: `${path.dirname(binary)}:${process.env.PATH}` };
  }
  types(command) {
    const done = spawnSync('bash', ['-c', command], { cwd: this.here, env: this.env, encoding: 'utf8', maxBuffer: 64 << 20 });
    return { ...done, said: `${command}\n${done.stdout}${done.stderr}` };
  }
  reads(name) {
    return fs.readFileSync(path.join(this.here, name), 'utf8');
  }
  // What the national publishers ship stands elsewhere than on the page.
  hasValueSets() {
    this.env.PASSERELLE_VALUE_SETS = ['value-sets-fr', 'value-sets-fr-extra'].map((name) => path.join(shared, name))
      .concat(path.join(this.here, 'value-sets')).join(':');
    this.env.PASSERELLE_CDA_SCHEMA = path.join(shared, 'schemas/cda/CDA_extended.xsd');
  }
}

test('a vendor comes from nothing to a JUnit file, as the page says', (t) => {
  const vendor = new Visitor(t);
  const [begins, ...commands] = commandsOf('For a vendor').filter((line) => !line.includes('/opt/'));
  assert.match(begins, /^export PATH/);
  for (const command of commands) {
    const done = vendor.types(`cd ../.. && PATH=/usr/bin:/bin; ${begins}; ${command}`);
    assert.equal(done.status, 0, done.said);
  }
  assert.match(vendor.reads('verdicts.xml'), /<testsuite name="1-laboratory.hl7" tests="168" failures="0"/);
  assert.equal(JSON.parse(vendor.reads('verdicts.sarif')).version, '2.1.0');
  assert.equal(JSON.parse(vendor.reads('report.json')).resourceType, 'TestReport');
  assert.equal(vendor.reads('dossier.xlsx').slice(0, 2), 'PK');
  const job = /script: (passerelle .*)/.exec(page)?.[1];
  fs.copyFileSync(path.join(vendor.here, '1-laboratory.hl7'), path.join(vendor.here, 'out/1.hl7'));
  const done = vendor.types(job);
  assert.equal(done.status, 0, done.said);
  assert.match(vendor.reads('verdicts.xml'), /<testsuites name="biology">/);
});

test('an auditor comes from a label to replayed verdicts, as the page says', { skip }, (t) => {
  const auditor = new Visitor(t);
  auditor.hasValueSets();
  const runs = commandsOf('With a gateway of its own').filter((line) => !line.includes('--listen'));
  for (const command of [...runs, ...commandsOf('For an auditor')]) {
    const done = auditor.types(command);
    assert.equal(done.status, 0, done.said);
    if (command.includes('verify')) assert.match(done.stdout, /label .*: MonLogiciel 4\.2, suite biology, .* holds/);
    if (command.includes('replay')) assert.match(done.stdout, /suite biology, run \w+: \d+ verdicts the same\n$/);
  }
  const listens = commandsOf('With a gateway of its own').find((line) => line.includes('--listen'));
  const nobody = auditor.types(`${listens.replace(':2576', ':0')} --seconds 1`);
  assert.match(nobody.stderr, /nobody connected/, nobody.said);
});

test('the same over HTTP: a run, its report, the evidence taken away and asked again, a label withdrawn', { skip }, async (t) => {
  const visitor = new Visitor(t);
  visitor.hasValueSets();
  const folder = temporaryFolder();
  const settings = Object.entries(visitor.env).filter(([name]) => name.startsWith('PASSERELLE_')).map(([name, value]) => `${name}=${value}`);
  const gateway = await new Gateway({ folder, toml: benchToml(folder), around: ['env', ...settings] }).start();
  t.after(() => gateway.remove());
  const names = { TOKEN: standingToken(gateway) };
  visitor.env.URL = gateway.http;
  let mine = '';
  for (const command of commandsOf('In the console')) {
    if (command.startsWith('H=')) {
      mine = command.replace('TOKEN', names.TOKEN);
      continue;
    }
    if (command.includes('/events')) continue;  // listens until it is told
    if (command.includes('/evidence/archive')) {
      const grant = (more) => fetch(`${gateway.http}/api/evidence/labels`, {
        method: 'POST', headers: { Authorization: `Bearer ${names.TOKEN}` },
        body: JSON.stringify({ product: 'MonLogiciel', version: '4.2', suite: 'biology', waivers: [], ...more }),
      });
      for (const expires of ['2028-99-99', '2020-01-01', 'soon']) assert.equal((await grant({ expires })).ok, false, expires);
      const granted = await grant(); // nothing is in its way: no waiver is one
      assert.equal(granted.status, 201, await granted.clone().text());
      names.LABEL = (await granted.json()).id;
    }
    const typed = command.replace(/curl /, 'curl -sf ').replace('labels/ID', `labels/${names.LABEL}`).replace('/ID/', `/${names.RUN}/`);
    const done = visitor.types(`${mine}; ${typed}`);
    assert.equal(done.status, 0, done.said);
    if (typed.endsWith('/bench/runs')) names.RUN = JSON.parse(done.stdout).id;
    if (typed.includes('/messages/1')) assert.match(done.stdout, /MSA\|AA/);
    if (typed.startsWith('unzip')) assert.match(done.stdout, /holds[\s\S]*verdicts the same\n$/);
    if (typed.includes('/evidence/replay')) assert.deepEqual(JSON.parse(done.stdout).inputs[0].different, []);
  }
  assert.match(visitor.reads('verdicts.xml'), /<testsuites name="biology"/);
  const after = visitor.types('passerelle label verify --data taken taken/labels/*.jws; true');
  assert.match(after.stdout, /holds/, 'the copy was taken before');
  const withdrawn = visitor.types(`passerelle label verify --data ${folder}/bench ${folder}/bench/labels/*.jws`);
  assert.equal(withdrawn.status, 1, withdrawn.said);
});
