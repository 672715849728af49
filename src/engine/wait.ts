import { waited } from './answers.js';
import type { Calls } from './calls.js';
import { EngineError } from './port.js';

type Wait = { readonly host: string; readonly id: string; readonly ms: number; readonly stretch: number };

/** Asked anew every `stretch`: a connection that dies without a word would else hide for hours that the end has come. */
export const waitForEnd = async (calls: Calls, { host, id, ms, stretch }: Wait): Promise<number> => {
  const last = performance.now() + ms;
  for (;;) {
    const began = performance.now();
    const patience = Math.min(stretch, Math.ceil(last - began));
    try {
      const end = await calls.ask({
        call: 'wait',
        ms: patience,
        answer: waited,
        send: (docker) => docker.getContainer(id).wait(),
      });
      if (end.Error?.Message) throw new EngineError(host, 'wait', end.Error.Message, true);
      return end.StatusCode;
    } catch (error) {
      // Timers may fire a moment early.
      const silent = performance.now() - began >= patience - 50;
      if (!silent || performance.now() >= last) throw error;
    }
  }
};
