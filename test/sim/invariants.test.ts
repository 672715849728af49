import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../src/sim/clock.js';
import { type WatchOptions, watchInvariants } from '../../src/sim/invariants.js';
import { kollaCloud } from './kolla.js';

/** A watched cinder on one host, and a swap by hand whose steps a test may put in another order. */
const scene = async (options: WatchOptions = {}) => {
  const { cloud, ref } = await kollaCloud({
    services: ['cinder', 'placement'],
    prepulled: true,
    clock: virtualClock(),
  });
  const watch = watchInvariants(cloud, options);
  const engine = cloud.engine('node1');
  const old = (await engine.inspect('cinder_api'))?.Id ?? '';
  const create = () =>
    engine.create('cinder_api__swap_r1', {
      body: { Image: ref('cinder_api', '2025.2'), HostConfig: { NetworkMode: 'host' } },
      connect: [],
    });
  const swap = async (): Promise<string> => {
    const next = await create();
    await engine.setRestartPolicy(old, { Name: 'no', MaximumRetryCount: 0 });
    await engine.stop(old, 1);
    await engine.rename(old, 'cinder_api__prev_r1');
    await engine.rename(next, 'cinder_api');
    await engine.start(next);
    return next;
  };
  return { cloud, watch, engine, old, create, swap };
};

describe('the invariants of a run', () => {
  it('hold through a swap in the right order, and at its end', async () => {
    const { watch, engine, swap } = await scene({ touches: ['cinder_api'] });
    const next = await swap();
    await engine.setRestartPolicy(next, { Name: 'unless-stopped', MaximumRetryCount: 0 });
    expect(watch.violations).toEqual([]);
    expect(await watch.atRest()).toEqual([]);
  });

  it('name a second writer, even where the process would end by itself', async () => {
    const { watch, engine, create } = await scene();
    await engine.start(await create());
    expect(watch.violations).toEqual([
      expect.stringContaining('cinder_api and cinder_api__swap_r1 run at once on node1'),
    ]);
  });

  it('name the removal of a container that the run did not create, also where the answer is lost', async () => {
    const { cloud, watch, engine, old, create } = await scene();
    await create();
    await engine.stop(old, 1);
    cloud.inject(({ call }) => (call === 'remove' ? 'lose-answer' : 'ok'));
    await expect(engine.remove(old)).rejects.toMatchObject({ unknown: true });
    expect(watch.violations).toEqual([
      expect.stringContaining('cinder_api on node1 was removed, and the run did not create it'),
    ]);
  });

  it('do not mind a removal that the engine refused', async () => {
    const { watch, engine, old } = await scene();
    await expect(engine.remove(old)).rejects.toMatchObject({ status: 409 });
    expect(watch.violations).toEqual([]);
  });

  it('let Finalize remove a kept container, and the run what it made', async () => {
    const { watch, engine, old, swap, create } = await scene({
      mayRemove: ({ name }) => name.includes('__prev_'),
    });
    await swap();
    await engine.remove(old);
    await engine.remove(await create());
    expect(watch.violations).toEqual([]);
  });

  it('name a service without any container that could start', async () => {
    const { watch, engine, old } = await scene();
    await engine.stop(old, 1);
    await engine.remove(old);
    expect(watch.violations.at(-1)).toContain('no startable container of cinder_api is left on node1');
  });

  it('name a volume that is gone', async () => {
    const { cloud, watch, engine } = await scene();
    cloud.host('node1').volumes.delete('cinder');
    await engine.stop('cinder_api', 1);
    expect(watch.violations).toEqual([expect.stringContaining('volume cinder on node1 was removed')]);
  });

  it('name a touched stranger', async () => {
    const { watch, engine } = await scene({ touches: ['cinder_api', 'cinder_scheduler', 'cinder_volume'] });
    await engine.stop('cinder_volume', 1);
    await engine.stop('placement_api', 1);
    expect(watch.violations).toEqual([
      expect.stringContaining('stop touched placement_api on node1, which is not of this run'),
    ]);
  });

  it('name at rest who does not run, who lost the policy, and who would come back', async () => {
    const { watch, engine, old, swap } = await scene();
    await swap();
    await engine.setRestartPolicy(old, { Name: 'always', MaximumRetryCount: 0 });
    await engine.stop('cinder_volume', 1);
    expect(await watch.atRest()).toEqual([
      'cinder_api on node1 has restart policy "", not "unless-stopped"',
      'cinder_api__prev_r1 on node1 would come back at a daemon restart',
      'cinder_volume on node1 is exited',
    ]);
  });
});
