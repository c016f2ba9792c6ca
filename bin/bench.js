#!/usr/bin/env node
// A file of its own and not the built one: npm links bins, and makes them executable, before there is anything built.
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/bench.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write('latchkey: not built yet; run "npm run build" in its folder first\n');
  process.exitCode = 1;
}
