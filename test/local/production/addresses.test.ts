// Names and ports of containers become ports of this machine, each container's own; nothing else is touched.
import { expect, test } from 'vitest';
import { addressesFor } from '../../../local/production/addresses.ts';
import { servicesOf } from '../../../local/production/compose-file.ts';

const services = servicesOf(
  ['postgres', 'temporal', 'worker']
    .map((name) => `  ${name}: { image: "a:1.0", restart: on-failure }`)
    .join('\n')
    .replace(/^/, 'services:\n'),
  {},
);

test('every container that names a service is led to the same place', () => {
  const addresses = addressesFor(services, [1001, 1002]);
  const one = addresses.environment('worker-1', {
    DATABASE_URL: 'postgres://jalon:ab12@postgres:5432/jalon',
  });
  expect(one).toEqual({ DATABASE_URL: 'postgres://jalon:ab12@127.0.0.1:1001/jalon' });
  const schema = addresses.environment('schema', {
    SQL_HOST: 'postgres',
    SQL_PORT: '5432',
    SQL_USER: 'jalon',
  });
  expect(schema).toEqual({ SQL_HOST: '127.0.0.1', SQL_PORT: '1001', SQL_USER: 'jalon' });
});

test('two containers that listen on one port get a port each, and are asked there', () => {
  const addresses = addressesFor(services, [1001, 1002]);
  const given = { JALON_HOST: '0.0.0.0', JALON_WORKER_PORT: '8081' };
  expect(addresses.environment('worker-1', given).JALON_WORKER_PORT).toBe('1001');
  expect(addresses.environment('worker-2', given)).toEqual({
    JALON_HOST: '127.0.0.1',
    JALON_WORKER_PORT: '1002',
  });
  expect(addresses.command('worker-2', ['ask', "get('http://127.0.0.1:8081/healthz')"])).toEqual([
    'ask',
    "get('http://127.0.0.1:1002/healthz')",
  ]);
  expect([...addresses.rewritten]).toEqual([
    'worker-1:8081 is 127.0.0.1:1001',
    'worker-2:8081 is 127.0.0.1:1002',
  ]);
});

test('a lack of ports is an error, not a shared port', () => {
  const addresses = addressesFor(services, []);
  expect(() => addresses.portOf('worker', 8081)).toThrow('worker:8081');
});
