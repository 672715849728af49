import { z } from 'zod';
import type { Config } from '../../config.js';
import type { Engine } from '../../engine/port.js';

/** One container as the demo looks at it, to see that nothing but the upgraded service moved. */
export type SeenContainer = {
  readonly name: string;
  readonly id: string;
  readonly imageRef: string;
  readonly startedAt: string;
};

/** What the demo upgrades: real containers on the machine's engine, or simulated ones where no engine answers. */
export type Cloud = {
  readonly kind: 'docker' | 'simulated';
  /** One line for the terminal and the channel: what this cloud is. */
  readonly headline: string;
  /** Names of all its containers begin with this. */
  readonly prefix: string;
  /** `hosts`, `images` and `releases` of the bot's configuration file. */
  readonly settings: CloudSettings;
  /** The simulated engines by host name; absent where the hosts file leads to a real one. */
  readonly engines?: ReadonlyMap<string, Engine>;
  /** The database password of its containers, which nobody may read in Slack. */
  readonly secret: string;
  /** Where its configuration, state and logs lie. */
  readonly folder: string;
  /** Address of a service's API, without a path. */
  apiUrl(service: string): string;
  /** All its containers, the stopped ones too, ordered by name. */
  containers(): Promise<SeenContainer[]>;
  /** Removes exactly what it made. */
  close(): Promise<void>;
};

export type CloudSettings = {
  readonly hosts: readonly (Omit<Partial<Config['hosts'][number]>, 'name' | 'engine'> & {
    readonly name: string;
    readonly engine: string;
  })[];
  readonly images: {
    readonly namespace: string;
    readonly registry?: string;
    readonly prefix?: string;
    readonly pull?: 'missing' | 'always';
  };
  readonly releases: Readonly<Record<string, { readonly tag: string }>>;
};

/** The release that a service's API says it is; undefined while it gives no good answer. */
export const releaseOf = async (
  cloud: Pick<Cloud, 'apiUrl'>,
  service: string,
): Promise<string | undefined> => {
  try {
    const answer = await fetch(cloud.apiUrl(service), { signal: AbortSignal.timeout(2_000) });
    const said = z
      .object({ release: z.string().optional(), version: z.string().optional() })
      .parse(await answer.json());
    return answer.ok ? (said.release ?? said.version) : undefined;
  } catch {
    return undefined;
  }
};
