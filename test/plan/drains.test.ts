import { expect, test } from 'vitest';
import { serviceNamed } from '../../src/catalogue/index.js';
import { observeBalancers } from '../../src/plan/balancers.js';
import { observeService } from '../../src/plan/observe.js';
import { balancedScene } from '../run/balanced.js';

test('what answers at the API’s port before the API is drained, too: keystone_httpd where federation has one', async () => {
  const { cloud, config } = await balancedScene({ services: ['keystone'] });
  const engine = cloud.operator('node1');
  await engine.rename((await engine.inspect('keystone_ssh'))?.Id ?? '', 'keystone_httpd');
  const seen = await observeService(serviceNamed('keystone'), config, cloud.operator);
  const { drains } = await observeBalancers(seen, { config, engineOf: cloud.operator });
  expect(new Set(drains.keys())).toEqual(
    new Set(['node1/keystone', 'node1/keystone_httpd', 'node2/keystone']),
  );
  expect(drains.get('node1/keystone_httpd')?.balancers.map(({ servers }) => servers)).toEqual(
    ['node1', 'node2'].map(() => ['keystone_internal_back/node1', 'keystone_external_back/node1']),
  );
});
