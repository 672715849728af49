export type Rule = {
  /** Field of an inspect answer; `*` stands for any one name. */
  readonly path: string;
  /** `left out`: may differ freely. `by meaning`: brought to one form first, then it must be equal. */
  readonly how: 'left out' | 'by meaning';
  readonly reason: string;
};

const leftOut = (path: string, reason: string): Rule => ({ path, how: 'left out', reason });
const byMeaning = (path: string, reason: string): Rule => ({ path, how: 'by meaning', reason });

const perContainer = 'made by the engine for each container';
const perStart = 'given by the engine at each start; what was asked for is compared in its own field';

/** All that the written comparison does not require to be literally equal; docs/comparison.md is kept equal to it. */
export const RULES: readonly Rule[] = [
  leftOut('Id', perContainer),
  leftOut('Created', perContainer),
  leftOut('ResolvConfPath', perContainer),
  leftOut('HostnamePath', perContainer),
  leftOut('HostsPath', perContainer),
  leftOut('LogPath', perContainer),
  leftOut(
    'MountLabel',
    'SELinux categories, drawn by the engine for each container; a fixed label stands in HostConfig.SecurityOpt',
  ),
  leftOut('ProcessLabel', 'as MountLabel'),
  leftOut('GraphDriver', 'the layers of the image and of the container'),
  leftOut('Storage', 'the layers of the image and of the container, on newer engines'),
  leftOut('State', 'what the container does now, not how it is configured'),
  leftOut('RestartCount', 'what happened to the container, not how it is configured'),
  leftOut('ExecIDs', 'commands that run in it now'),
  leftOut('Image', 'the image is what an upgrade changes; the run checks its digest apart'),
  leftOut('ImageManifestDescriptor', 'the image is what an upgrade changes'),
  leftOut('Path', 'first word of Config.Entrypoint and Config.Cmd, which are compared'),
  leftOut('Args', 'the other words of Config.Entrypoint and Config.Cmd, which are compared'),
  leftOut('Config.Image', 'the reference of the image is what an upgrade changes'),
  leftOut('Config.ArgsEscaped', 'a mark of the image build, meant for Windows'),
  leftOut('NetworkSettings.SandboxID', perStart),
  leftOut('NetworkSettings.SandboxKey', perStart),
  leftOut(
    'NetworkSettings.Ports',
    'open ports of a running container; the asked ones stand in HostConfig.PortBindings',
  ),
  leftOut(
    'NetworkSettings.Bridge',
    'the engine’s own default bridge, where it was given one; the engine fills it in at the first start',
  ),
  leftOut('NetworkSettings.EndpointID', perStart),
  leftOut('NetworkSettings.Gateway', perStart),
  leftOut('NetworkSettings.GlobalIPv6Address', perStart),
  leftOut('NetworkSettings.GlobalIPv6PrefixLen', perStart),
  leftOut('NetworkSettings.IPAddress', perStart),
  leftOut('NetworkSettings.IPPrefixLen', perStart),
  leftOut('NetworkSettings.IPv6Gateway', perStart),
  leftOut('NetworkSettings.MacAddress', 'that of the default bridge, repeated from its endpoint'),
  leftOut('NetworkSettings.Networks.*.EndpointID', perStart),
  leftOut('NetworkSettings.Networks.*.Gateway', perStart),
  leftOut('NetworkSettings.Networks.*.IPAddress', 'given at each start; a static one stands in IPAMConfig'),
  leftOut('NetworkSettings.Networks.*.IPPrefixLen', perStart),
  leftOut('NetworkSettings.Networks.*.IPv6Gateway', perStart),
  leftOut(
    'NetworkSettings.Networks.*.GlobalIPv6Address',
    'given at each start; a static one stands in IPAMConfig',
  ),
  leftOut('NetworkSettings.Networks.*.GlobalIPv6PrefixLen', perStart),
  leftOut('NetworkSettings.Networks.*.DNSNames', 'made of the name, the aliases and the id'),
  byMeaning(
    'NetworkSettings.Networks.*.NetworkID',
    'the engine fills it in at the first start, so an empty one says nothing',
  ),
  byMeaning(
    'NetworkSettings.Networks.*.MacAddress',
    'one that was derived from the address or drawn by the engine was generated, and a stopped container has none',
  ),
  byMeaning('NetworkSettings.Networks.*.Aliases', 'the engine adds the short id of each container'),
  byMeaning('NetworkSettings.Networks.*.IPAMConfig', 'absent and empty are the same'),
  byMeaning('NetworkSettings.Networks.*.Links', 'absent and empty are the same'),
  byMeaning('NetworkSettings.Networks.*.DriverOpts', 'absent and empty are the same'),
  byMeaning(
    'Config.Hostname',
    'the engine writes the short id where none was asked for, and the other’s under container: and host modes',
  ),
  byMeaning('Config.Domainname', 'under network mode container: the engine writes the other container’s'),
  byMeaning('Config.Env', 'own values must be equal; the rest must be the new image’s'),
  byMeaning('Config.Labels', 'own values must be equal; the rest must be the new image’s'),
  byMeaning('Config.Cmd', 'an own one must be equal, else it must be the new image’s'),
  byMeaning('Config.Entrypoint', 'an own one must be equal, else it must be the new image’s'),
  byMeaning('Config.ExposedPorts', 'own ones must be there; the rest must be the new image’s'),
  byMeaning('Config.Volumes', 'own ones must be there; the rest must be the new image’s'),
  byMeaning('Config.Healthcheck', 'own fields must be equal, the others must be the new image’s'),
  byMeaning('Config.Shell', 'an own one must be equal, else it must be the new image’s'),
  byMeaning('Config.StopSignal', 'an own one must be equal, else it must be the new image’s'),
  byMeaning('Config.User', 'an own one must be equal, else it must be the new image’s'),
  byMeaning('Config.WorkingDir', 'an own one must be equal, else it must be the new image’s'),
  byMeaning('Config.*', 'absent, null and empty are the same here'),
  byMeaning(
    'HostConfig.Mounts',
    'an anonymous volume is carried by its name, which makes a mount of it; the volume itself is compared in Mounts',
  ),
  byMeaning(
    'HostConfig.Binds',
    'a bind that is only a destination is an anonymous volume and is compared in Mounts',
  ),
  byMeaning('HostConfig.Dns', 'absent and empty are the same: a restarted engine fills in the empty one'),
  byMeaning('HostConfig.DnsOptions', 'as HostConfig.Dns'),
  byMeaning('HostConfig.DnsSearch', 'as HostConfig.Dns'),
  byMeaning(
    'HostConfig.RestartPolicy',
    'an empty name and “no” are the same; a retry count counts with on-failure only',
  ),
  byMeaning(
    'Mounts',
    'compared by destination, because the engine lists them in random order; a volume that the new image declares is new',
  ),
  byMeaning(
    'Mounts.*.Name',
    'Docker 28 leaves out that of a bare bind’s volume, which its folder on the host bears',
  ),
  byMeaning('Mounts.*.Mode', 'an anonymous volume has none, and named it has the engine’s default'),
];

const patterns = RULES.filter((rule) => rule.how === 'left out').map((rule) => rule.path.split('.'));

/** Whether a field, as the list of its names, may differ freely. */
export const isLeftOut = (path: readonly string[]): boolean =>
  patterns.some(
    (pattern) =>
      pattern.length === path.length && pattern.every((name, at) => name === '*' || name === path[at]),
  );
