// Loaded into a server that is measured: SIGWINCH has it collect its garbage, so that what is left is what it needs
// (SIGUSR2 would have it shut down).
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGWINCH', () => collect());
