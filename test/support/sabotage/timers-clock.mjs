// A clock that counts the ticks of a timer: for a process that was frozen, no time has passed.
import 'reflect-metadata';
import { SYSTEM_CLOCK } from '../../../dist/revocation/instant.js';

const TICK_MS = 5;
const { monotonic, wall } = SYSTEM_CLOCK.now();
let passed = 0;
setInterval(() => (passed += TICK_MS), TICK_MS).unref();
SYSTEM_CLOCK.now = () => ({ monotonic: monotonic + passed, wall: wall + passed });
