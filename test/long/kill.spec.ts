import { specOfKills } from '../support/kill-spec.js';

specOfKills(10, 300_000);
