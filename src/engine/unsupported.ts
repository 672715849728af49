import { type ContainerInspect, nameOf } from './inspect.js';
import { isFixedMode, primaryNetwork } from './networks.js';

const FOREIGN_OWNERS = {
  'com.docker.swarm.task.id': 'Docker Swarm',
  'io.kubernetes.pod.uid': 'Kubernetes',
} as const;

const foreignOwner = ({ Config }: ContainerInspect): string | undefined =>
  Object.entries(FOREIGN_OWNERS).find(([label]) => Config.Labels?.[label] !== undefined)?.[1];

const leftItsNetwork = (container: ContainerInspect): boolean =>
  !isFixedMode(container.HostConfig.NetworkMode) && primaryNetwork(container) === undefined;

/** Why a container cannot be copied faithfully, a sentence each; empty when it can. */
export const unsupported = (container: ContainerInspect): string[] => {
  const name = nameOf(container);
  const { HostConfig } = container;
  const owner = foreignOwner(container);
  return [
    ...(HostConfig.AutoRemove
      ? [
          `${name} was created with --rm: its engine removes it when it stops, so nothing could be kept for going back.`,
        ]
      : []),
    ...((HostConfig.Links ?? []).length > 0
      ? [
          `${name} uses legacy links (--link): the engine ties them to the old container's name; use a network with aliases.`,
        ]
      : []),
    ...(leftItsNetwork(container)
      ? [
          `${name} has left the network ${HostConfig.NetworkMode} that it was created in: a copy would join it again.`,
        ]
      : []),
    ...(owner ? [`${name} belongs to ${owner}, which would replace whatever is done to it.`] : []),
  ];
};
