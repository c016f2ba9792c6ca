import { readEnvFile } from './env-file.js';
import { orEnd, start } from './start.js';

await orEnd(readEnvFile);
await start();
