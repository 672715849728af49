import type { Engine } from '../engine/port.js';
import type { Redactor } from '../redact.js';
import { secretsOfEnv } from '../redact-names.js';

/** Teaches the redactor every secret-looking environment value that an inspect shows, before anybody can print it. */
export const learningEngine = (engine: Engine, redactor: Redactor): Engine => ({
  ...engine,
  inspect: async (idOrName) => {
    const container = await engine.inspect(idOrName);
    redactor.learn(secretsOfEnv(container?.Config.Env ?? []));
    return container;
  },
});
