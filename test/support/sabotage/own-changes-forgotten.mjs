// The node that makes a change learns of it as the others do.
import 'reflect-metadata';
import { Lease } from '../../../dist/revocation/lease.js';

Lease.prototype.add = () => undefined;
