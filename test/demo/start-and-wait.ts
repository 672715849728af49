// A demo to be killed: raises a cloud, prints its prefix and waits for its end.
import { startDockerCloud } from '../../src/demo/cloud/docker.js';
import { localEngine } from '../../src/demo/cloud/local-engine.js';

const engine = await localEngine();
if ('missing' in engine) throw new Error(engine.missing);
const cloud = await startDockerCloud({ engine });
console.log(cloud.prefix);
setInterval(() => undefined, 60_000);
