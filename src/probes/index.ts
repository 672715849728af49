import { healthcheck } from './healthcheck.js';
import { http } from './http.js';
import { port } from './port.js';
import type { Probe, ProbeName } from './probe.js';
import { steady } from './steady.js';

/** Every probe, by the name under which its result is reported; forgetting one does not compile. */
export const PROBES: Readonly<Record<ProbeName, Probe>> = { steady, healthcheck, port, http };
