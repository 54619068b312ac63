// Bundles the console into OUT: index.html, and a script and a style sheet whose names hold their hash, each also
// compressed with brotli; then writes assets.cpp, the table that the gateway serves them from.
//   node build.mjs OUT
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const out = resolve(process.argv[2] ?? join(here, "dist"));
const types = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", svg: "image/svg+xml" };

mkdirSync(out, { recursive: true });
const result = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", style: "src/style.css" },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  entryNames: "[name]-[hash]",
  outdir: out,
  write: false,
  metafile: true,
});

const files = result.outputFiles.map((file) => ({ name: basename(file.path), bytes: Buffer.from(file.contents), immutable: true }));
const named = (start, end) => files.find((file) => file.name.startsWith(start) && file.name.endsWith(end)).name;
const page = readFileSync(join(here, "src/index.html"), "utf8")
  .replace("app.js", named("app-", ".js"))
  .replace("style.css", named("style-", ".css"));
files.unshift({ name: "index.html", bytes: Buffer.from(page), immutable: false });
files.push({ name: "icon.svg", bytes: readFileSync(join(here, "src/icon.svg")), immutable: false });

const rows = files.map((file, i) => {
  const brotli = brotliCompressSync(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  writeFileSync(join(out, file.name), file.bytes);
  writeFileSync(join(out, `${file.name}.br`), brotli);
  const etag = createHash("sha256").update(file.bytes).digest("hex").slice(0, 16);
  const embed = (symbol, name) =>
    `__asm__(".section .rodata\\n${symbol}:\\n.incbin \\"${join(out, name)}\\"\\n${symbol}_end:\\n.byte 0\\n.previous\\n");\n` +
    `extern "C" const char ${symbol}[] __asm__("${symbol}");\nextern "C" const char ${symbol}_end[] __asm__("${symbol}_end");\n`;
  const view = (symbol) => `{${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}`;
  const type = types[file.name.split(".").pop()];
  return {
    embed: embed(`console_file_${i}`, file.name) + embed(`console_brotli_${i}`, `${file.name}.br`),
    row: `{"/${file.name}", "${type}", ${view(`console_file_${i}`)}, ${view(`console_brotli_${i}`)}, "\\"${etag}\\"", ${file.immutable}}`,
    first: file.name === "index.html" || file.immutable ? brotli.length : 0,
  };
});

writeFileSync(
  join(out, "assets.cpp"),
  `// Made by gateway/console/build.mjs.\n#include "gateway/console/assets.h"\n\n#include <array>\n\n${rows.map((r) => r.embed).join("")}\n` +
    `namespace passerelle::console {\n\nstd::span<const api::Asset> Assets() {\n  static const std::array kAssets = {\n` +
    rows.map((r) => `      api::Asset${r.row},\n`).join("") +
    `  };\n  return kAssets;\n}\n\n}  // namespace passerelle::console\n`,
);
console.log(`console: ${files.length} files, first load ${rows.reduce((sum, r) => sum + r.first, 0)} bytes of brotli`);
