import { serviceNamed } from '../catalogue/index.js';
import { Refusal } from '../errors.js';
import type { Workshop } from '../run/runner.js';
import type { Guarded } from './guard.js';

/** Keeping services from being upgraded, and releasing them. */
export const holdsOf = ({ journal }: Workshop): Guarded<'hold' | 'unhold'> => ({
  hold: async ({ actor }, name, reason) => {
    const { name: service } = serviceNamed(name);
    await journal.appendCloud({ kind: 'held', service, by: actor, reason });
    const hold = journal.state().holds[service];
    if (!hold) throw new Error(`the hold of ${service} was not kept`);
    return hold;
  },
  unhold: async ({ actor }, name) => {
    const { name: service } = serviceNamed(name);
    if (!journal.state().holds[service])
      throw new Refusal('not-held', `${service} is not on hold.`, 'Nothing to release.');
    await journal.appendCloud({ kind: 'unheld', service, by: actor });
  },
});
