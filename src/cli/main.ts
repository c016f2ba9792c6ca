import 'reflect-metadata';
import { endWhenUnread } from './output.js';
import { run } from './run.js';

endWhenUnread();
process.exitCode = await run(process.argv.slice(2));
