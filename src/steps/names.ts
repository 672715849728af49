import type { StepContext } from './context.js';

/** The new container until it takes over the service's name; unique to the run, so a stranger's is never taken for it. */
export const swapName = (run: string, name: string): string => `${name}__swap_${run}`;

/** The old container while it is kept for going back. */
export const keptName = (run: string, name: string): string => `${name}__prev_${run}`;

/** The helper container that keeps a swapped container's configuration from before; never started. */
export const configName = (run: string, name: string): string => `${name}__conf_${run}`;

/** A one-off migration container. */
export const oneOffName = (context: Pick<StepContext, 'run'>, name: string, phase: string): string =>
  `${name}_${phase}__${context.run}`;

/** Containers that some run left: temporary, kept, helping or one-off. */
export const isLeftover = (name: string): boolean =>
  /__(swap|prev|conf)_[a-z0-9-]+$|^[\w.-]+_(expand|migrate|online|contract)__[a-z0-9-]+$/.test(name);

/** The run whose id such a name ends with. */
export const runOfLeftover = (name: string): string => name.split(/__(?:swap_|prev_|conf_|)/).at(-1) ?? '';
