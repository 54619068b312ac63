// passerelle validate, definitions and fhirpath with what they should never be given: each time a finding or an
// error that names the file and the place, and the other files are still checked.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { binary, temporaryFolder } from './gateway.mjs';

// A folder with `files` (name -> text or bytes), in which the command runs.
function run(t, files, ...words) {
  const folder = temporaryFolder();
  t.after(() => fs.rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ 'good.json': good, ...files })) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
  return spawnSync(binary, words, { encoding: 'utf8', cwd: folder, timeout: 20_000 });
}
const validate = (t, files, ...words) => run(t, files, 'validate', '--format', 'text', ...words);

const good = '{"resourceType":"Patient","name":[{"family":"Testard"}],"gender":"x"}';
const goodWasChecked = /^good\.json:1:\d+: error Patient\.gender: .*\[binding\.required\]/m;

const profile = (url, base, elements) =>
  JSON.stringify({
    resourceType: 'StructureDefinition', url, name: 'P', status: 'draft', kind: 'resource', abstract: false,
    type: 'Patient', baseDefinition: base, derivation: 'constraint',
    differential: { element: [{ id: 'Patient', path: 'Patient' }, ...elements] },
  });
const patient = 'http://hl7.org/fhir/StructureDefinition/Patient';

test('malformed JSON and XML: file, line and column; the others are checked', (t) => {
  const files = {
    'bad.json': '{"resourceType":"Patient",\n "name":[{"family":"Testard",]}',
    'bad.xml': '<Patient xmlns="http://hl7.org/fhir">\n <active value="true">\n</Patient>',
  };
  const { status, stdout } = validate(t, files, 'bad.json', 'bad.xml', 'good.json');
  assert.equal(status, 1);
  assert.match(stdout, /^bad\.json:2:30: error Patient\.name\[0\]: .*\[JsonMalformed\]/m);
  assert.match(stdout, /^bad\.xml:3:11: error: .*\[XmlMalformed\]/m);
  assert.match(stdout, goodWasChecked);
});

test('a resource type that does not exist', (t) => {
  const files = { 'a.json': '{"resourceType":"Patientt"}', 'a.xml': '<Patientt xmlns="http://hl7.org/fhir"/>' };
  const { status, stdout } = validate(t, files, 'a.json', 'a.xml', 'good.json');
  assert.equal(status, 1);
  assert.match(stdout, /^a\.json:1:1: error Patientt: .*'Patientt'.*\[structure\.resource-type\]/m);
  assert.match(stdout, /^a\.xml:1:1: error Patientt: .*\[structure\.resource-type\]/m);
  assert.match(stdout, goodWasChecked);
});

test('a package without package.json: for validate and for definitions build', (t) => {
  const files = { 'pack/p.json': profile('http://e/x', patient, []) };
  const checked = validate(t, files, '--package', 'pack', 'good.json');
  assert.equal(checked.status, 3);
  assert.match(checked.stderr, /PackageNameless.* pack$/m);
  assert.match(checked.stdout, goodWasChecked);
  const built = run(t, files, 'definitions', 'build', '--out', 'o.pack', 'pack');
  assert.equal(built.status, 3);
  assert.match(built.stderr, /PackageNameless.* pack$/m);
});

test('a StructureDefinition whose base is missing, is itself, or comes round to it', (t) => {
  const files = {
    'missing.json': profile('http://e/missing', 'http://e/none', []),
    'self.json': profile('http://e/self', 'http://e/self', []),
    'a.json': profile('http://e/a', 'http://e/b', []),
    'b.json': profile('http://e/b', 'http://e/a', []),
  };
  const packages = Object.keys(files).flatMap((file) => ['--package', file]);
  const { status, stdout, stderr } = validate(t, files, ...packages, '--profile', 'http://e/missing', 'good.json',
    'self.json');
  assert.equal(status, 3);
  assert.match(stderr, /SnapshotBaseMissing.*http:\/\/e\/none.* at missing\.json/);
  for (const file of ['self', 'a', 'b'])
    assert.match(stderr, new RegExp(`SnapshotBaseCircular.* at ${file}\\.json`));
  assert.match(stdout, /good\.json:1:1: error Patient: .*http:\/\/e\/missing.*\[profile\.wanted\]/);
  assert.match(stdout, /self\.json:1:1: warning StructureDefinition: .*builds on itself.*\[structure\.snapshot-base\]/);
  assert.match(stdout, goodWasChecked);
});

test('a profile that slices without discriminator', (t) => {
  const slices = [
    { id: 'Patient.name', path: 'Patient.name', slicing: { rules: 'open' } },
    { id: 'Patient.name:a', path: 'Patient.name', sliceName: 'a', min: 1 },
  ];
  const files = { 'p.json': profile('http://e/p', patient, slices) };
  const { stdout } = validate(t, files, '--package', 'p.json', '--profile', 'http://e/p', 'good.json', 'p.json');
  assert.match(stdout, /^good\.json:.*Patient\.name.*\[slice\.no-discriminator\] \(http:\/\/e\/p\)$/m);
  assert.match(stdout, /^p\.json:1:\d+: error StructureDefinition\.differential\.element\[1\]\.slicing: eld-1/m);
  assert.match(stdout, goodWasChecked);
});

test('an invariant that does not parse, and one that never ends', (t) => {
  const rule = (expression) => [{
    id: 'Patient.name', path: 'Patient.name',
    constraint: [{ key: 'x-1', severity: 'error', human: 'x', expression }],
  }];
  const files = {
    'open.json': profile('http://e/open', patient, rule('given.where(')),
    'endless.json': profile('http://e/endless', patient, rule('(1).repeat($this + 1).empty()')),
  };
  const { stdout } = validate(t, files, '--package', 'open.json', '--package', 'endless.json', '--profile',
    'http://e/open', '--profile', 'http://e/endless', 'good.json', 'open.json');
  for (const url of ['open', 'endless'])
    assert.match(stdout, new RegExp(`^good.*Patient\\.name.*x-1.*\\[invariant\\.unreadable\\] \\(http://e/${url}\\)$`, 'm'));
  assert.match(stdout, /^open\.json:1:\d+: error .*element\[1\]\.constraint\[0\]: .*\[structure\.constraint\]/m);
  assert.match(stdout, goodWasChecked);
});

test('FHIRPath that would run for ever, or is nested 10,000 deep', (t) => {
  const endless = run(t, {}, 'fhirpath', '(1).repeat($this + 1).count()', 'good.json');
  assert.equal(endless.status, 1);
  assert.match(endless.stderr, /PathTooCostly/);
  for (const deep of ['('.repeat(10_000) + '1' + ')'.repeat(10_000), 'name' + '.first()'.repeat(10_000),
    '-'.repeat(10_000) + '1']) {
    const { status, stderr } = run(t, {}, 'fhirpath', '--', deep, 'good.json');
    assert.equal(status, 1);
    assert.match(stderr, /PathTooCostly/);
  }
});

test('a ValueSet that includes itself, straight or by another', (t) => {
  const set = (url, other) =>
    JSON.stringify({ resourceType: 'ValueSet', url, status: 'draft', compose: { include: [{ valueSet: [other] }] } });
  const files = { 'a.json': set('http://e/a', 'http://e/a'), 'b.json': set('http://e/b', 'http://e/c'),
    'c.json': set('http://e/c', 'http://e/b') };
  const { status, stdout } = validate(t, files, '--package', 'b.json', '--package', 'c.json', 'a.json', 'b.json',
    'good.json');
  assert.equal(status, 1);
  for (const file of ['a', 'b'])
    assert.match(stdout, new RegExp(`^${file}\\.json:1:\\d+: error ValueSet\\.compose\\.include\\[0\\]\\.valueSet\\[0\\].*circular`, 'm'));
  assert.match(stdout, goodWasChecked);
});

// The oldest form of tar: a header of 512 bytes, then the content in blocks of 512.
function tarEntry(name, content) {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(content.length.toString(8).padStart(11, '0') + '\0', 124);
  header.write('        0', 148);
  header.write(header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0') + '\0', 148);
  return Buffer.concat([header, Buffer.from(content.padEnd(512, '\0'))]);
}

test('an archive that names a file outside of itself', (t) => {
  const files = {
    'slip.tgz': zlib.gzipSync(Buffer.concat([tarEntry('package/package.json', '{"name":"a","version":"1.0.0"}'),
      tarEntry('package/../../outside.json', '{}'), Buffer.alloc(1024)])),
  };
  const built = run(t, files, 'definitions', 'build', '--out', 'o.pack', 'slip.tgz');
  assert.equal(built.status, 3);
  assert.match(built.stderr, /PackageEscapes.*slip\.tgz:package\/\.\.\/\.\.\/outside\.json/);
  const checked = validate(t, files, '--package', 'slip.tgz', 'good.json');
  assert.equal(checked.status, 3);
  assert.match(checked.stderr, /PackageEscapes/);
  assert.match(checked.stdout, goodWasChecked);
});

test('one resource file as package: JSON or XML; what nothing can be learned from is said', (t) => {
  const xml = `<StructureDefinition xmlns="http://hl7.org/fhir"><url value="http://e/xml"/><name value="P"/>
    <status value="draft"/><kind value="resource"/><abstract value="false"/><type value="Patient"/>
    <baseDefinition value="${patient}"/><derivation value="constraint"/><differential><element id="Patient.birthDate">
    <path value="Patient.birthDate"/><min value="1"/></element></differential></StructureDefinition>`;
  const files = { 'p.xml': xml, 'bad.json': '{' };
  const { stdout } = validate(t, files, '--package', 'p.xml', '--profile', 'http://e/xml', 'good.json');
  assert.match(stdout, /error Patient: Patient\.birthDate: .*\[structure\.min\] \(http:\/\/e\/xml\)$/m);
  const { status, stderr } = validate(t, files, '--package', 'bad.json', '--package', 'good.json', 'good.json');
  assert.equal(status, 3);
  assert.match(stderr, /JsonMalformed.* at bad\.json line 1/);
  assert.match(stderr, /DefinitionNone.*Patient.* at good\.json/);
});

test('a folder with nothing in it, or that does not read, is said and is no pass; the others are checked', (t) => {
  const files = { 'empty/notes.txt': '', 'full/below/a.json': good };
  for (const format of ['text', 'json']) {
    const { status, stdout } = run(t, files, 'validate', '--format', format, 'empty', 'full', 'good.json');
    assert.equal(status, 3);
    assert.match(stdout, format === 'text' ? /^empty: error: .*\[FolderEmpty\]/m : /"OperationOutcome".*FolderEmpty|holds no file/);
    assert.match(stdout, /Patient\.gender/);
  }
  assert.match(run(t, files, 'validate', '--format', 'text', 'empty').stderr, /resources: 1, with errors: 1/);
  if (process.getuid() === 0) return; // root reads everything
  const folder = temporaryFolder();
  t.after(() => { fs.chmodSync(path.join(folder, 'shut'), 0o700); fs.rmSync(folder, { recursive: true }); });
  fs.mkdirSync(path.join(folder, 'shut'));
  fs.writeFileSync(path.join(folder, 'a.json'), good);
  fs.chmodSync(path.join(folder, 'shut'), 0);
  const { status, stdout } = spawnSync(binary, ['validate', '--format', 'text', folder], { encoding: 'utf8' });
  assert.equal(status, 3);
  assert.match(stdout, /shut: error: .*\[FileUnreadable\]/);
  assert.match(stdout, /a\.json:1:.*Patient\.gender/);
});

test('folders, lines of NDJSON, French, standard input, exit codes', (t) => {
  const files = { 'all/b.ndjson': `{"resourceType":"Patient"}\n\n${good}\n`, 'all/a.json': '{"resourceType":"Patient"}' };
  const { status, stdout, stderr } = validate(t, files, '--language', 'fr', 'all');
  assert.equal(status, 1);
  assert.match(stdout, /^all\/b\.ndjson:3:\d+: error Patient\.gender: .*jeu de valeurs/m);
  assert.match(stderr, /ressources : 3, dont 1 avec erreurs ; erreurs : 1/);
  assert.equal(validate(t, files, 'all/a.json').status, 0);
  assert.equal(validate(t, files, 'none.json').status, 3);
  assert.equal(validate(t, files, '--language', 'de', 'all').status, 2);
  const piped = spawnSync(binary, ['validate', '-'], { encoding: 'utf8', input: good });
  assert.equal(piped.status, 1);
  assert.equal(JSON.parse(piped.stdout).issue[0].expression[0], 'Patient.gender');
});

test('a finding that was accepted is said with its reason, a line that meets nothing is said too', (t) => {
  const files = { 'good.json.suppress': 'binding.required Patient.gender  old software\nid.* *  gone\n' };
  const { status, stdout } = validate(t, files, 'good.json');
  assert.equal(status, 0);
  assert.match(stdout, /: information Patient\.gender: .*old software \[suppressed\]/);
  assert.match(stdout, /: warning.*id\.\*.*\[suppression\.unmet\]/);
  const wrong = validate(t, { 'good.json.suppress': 'binding.required Patient.gender\n' }, 'good.json');
  assert.equal(wrong.status, 3);
  assert.match(wrong.stderr, /good\.json\.suppress/);
});

test('the first file is checked like the second: what stands in its Bundle is known', (t) => {
  const bundle = JSON.stringify({
    resourceType: 'Bundle', type: 'collection',
    entry: [{
      fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111',
      resource: {
        resourceType: 'Basic', code: { text: 'x' },
        subject: { reference: 'urn:uuid:22222222-2222-4222-8222-222222222222' },
      },
    }],
  });
  const { stdout } = validate(t, { 'a.json': bundle, 'b.json': bundle }, 'a.json', 'b.json');
  for (const name of ['a', 'b'])
    assert.match(stdout, new RegExp(`^${name}\\.json:1:\\d+: warning Bundle\\.entry\\[0\\]\\.resource\\.subject: .*\\[reference\\.not-in-bundle\\]`, 'm'));
});
