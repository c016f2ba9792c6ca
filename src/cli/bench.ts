import 'reflect-metadata';
import { run } from './run.js';

process.exitCode = await run(['bench', ...process.argv.slice(2)]);
