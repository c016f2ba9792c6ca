import 'reflect-metadata';
import { readEnvFile } from '../env-file.js';
import { endWhenUnread, PROCESS_OUTPUT } from './output.js';
import { run } from './run.js';

endWhenUnread();
process.exitCode = await run(process.argv.slice(2), PROCESS_OUTPUT, readEnvFile);
