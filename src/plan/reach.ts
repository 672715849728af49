import { SERVICES } from '../catalogue/index.js';
import type { Config } from '../config.js';
import type { Reach } from '../probes/reach.js';
import { apiUrl } from './observe.js';

/** Origins that health may be asked at: hosts of the inventory at ports of the catalogue or the settings, and front doors. */
export const reachOf = ({ hosts, front_door }: Pick<Config, 'hosts' | 'front_door'>): Reach =>
  new Set(
    [
      ...hosts.flatMap((host) => SERVICES.map((service) => apiUrl(service, host) ?? '')),
      ...Object.values(front_door),
    ]
      .filter((url) => URL.canParse(url))
      .map((url) => new URL(url).origin),
  );
