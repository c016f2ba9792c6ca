import { specOfKills } from '../support/kill-spec.js';

// One of each kind; test/long has ten.
specOfKills(3, 180_000);
