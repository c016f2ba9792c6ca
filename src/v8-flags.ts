import { setFlagsFromString } from 'node:v8';

// The first import of whatever becomes a server, since a flag is for what is compiled after it; NODE_OPTIONS refuses it.
// V8 would put an object of each request where only a full collection finds it, and a tenth of the time goes there.
setFlagsFromString('--no-allocation-site-pretenuring');
// Of what a few requests leave, hardly anything is still in use and has to be copied: threads that help cost more than that.
setFlagsFromString('--no-parallel-scavenge');
