import type { Engine } from '../engine/port.js';
import type { Redactor } from '../redact.js';
import { looksSecret } from '../secret-names.js';

/** Teaches the redactor every secret-looking environment value that an inspect shows, before anybody can print it. */
export const learningEngine = (engine: Engine, redactor: Redactor): Engine => ({
  ...engine,
  inspect: async (idOrName) => {
    const container = await engine.inspect(idOrName);
    for (const entry of container?.Config.Env ?? []) {
      const [name = '', ...value] = entry.split('=');
      if (looksSecret(name)) redactor.learn([value.join('=')]);
    }
    return container;
  },
});
