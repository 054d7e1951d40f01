// Webhooks lead to the public internet and nowhere else, however an address is written.
import { describe, expect, test } from 'vitest';
import { isPublic, type Resolve, resolveBySystem, targetFault } from '../../../activities/webhooks/target.ts';

const PUBLIC = '93.184.215.14';

const resolvesTo =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const fault = (url: string, resolve: Resolve = resolvesTo(PUBLIC)) =>
  targetFault(url, { privateTargets: 'refuse', resolve });

describe('an address', () => {
  test.each([PUBLIC, '8.8.8.8', '2606:4700:4700::1111', '2a00:1450:4007:80e::200e'])(
    '%s is public',
    (text) => {
      expect(isPublic(text)).toBe(true);
    },
  );

  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback, not the first', '127.8.9.10'],
    ['loopback, IPv6', '::1'],
    ['private, class A', '10.0.0.1'],
    ['private, class B', '172.31.255.255'],
    ['private, class C', '192.168.1.1'],
    ['unique local', 'fd12:3456::1'],
    ['site local', 'fec0::1'],
    ['link-local', '169.254.1.1'],
    ['link-local, IPv6', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['metadata of most clouds', '169.254.169.254'],
    ['metadata of AWS over IPv6', 'fd00:ec2::254'],
    ['metadata of Azure', '168.63.129.16'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['unspecified', '0.0.0.0'],
    ['unspecified, IPv6', '::'],
    ['this network', '0.1.2.3'],
    ['multicast', '224.0.0.1'],
    ['multicast, IPv6', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '203.0.113.7'],
    ['documentation, IPv6', '2001:db8::1'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped loopback in hexadecimal', '::ffff:7f00:1'],
    ['IPv4-mapped public', `::ffff:${PUBLIC}`],
    ['IPv4-compatible loopback', '::7f00:1'],
    ['IPv4-translated loopback', '::ffff:0:7f00:1'],
    ['NAT64 of loopback', '64:ff9b::7f00:1'],
    ['NAT64, local use', '64:ff9b:1::7f00:1'],
    ['6to4 of loopback', '2002:7f00:1::'],
    ['Teredo', '2001:0:7f00:1::'],
    ['not given out', '4000::1'],
    ['no address at all', 'localhost'],
  ])('that is %s is not: %s', (_, text) => {
    expect(isPublic(text)).toBe(false);
  });
});

describe('a target', () => {
  test('is an https URL whose name has public addresses', async () => {
    expect(await fault('https://hooks.example.com/jalon?key=1')).toBeNull();
    expect(await fault('https://hooks.example.com:8443/')).toBeNull();
  });

  test.each([
    ['hooks.example.com', 'Must be a URL.'],
    ['http://hooks.example.com/', 'Must be an https URL.'],
    ['ftp://hooks.example.com/', 'Must be an https URL.'],
    ['file:///etc/passwd', 'Must be an https URL.'],
    ['https://user:secret@hooks.example.com/', 'Must hold no user and no password.'],
    ['https://hooks.example.com/#part', 'Must have no fragment.'],
  ])('%s is refused', async (url, message) => {
    expect(await fault(url)).toBe(message);
  });

  test.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://017700000001/',
    'https://①②⑦.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://169.254.169.254/latest/meta-data/',
  ])('%s is refused for what it is, without asking a resolver', async (url) => {
    const resolve: Resolve = () => Promise.reject(new Error('nobody asks'));
    expect(await fault(url, resolve)).toMatch(/private, loopback, link-local/);
  });

  test('whose name leads inside is refused, and so is one of which only one address does', async () => {
    expect(await fault('https://inside.example.com/', resolvesTo('10.0.0.7'))).toMatch(/private/);
    expect(await fault('https://both.example.com/', resolvesTo(PUBLIC, '::1'))).toMatch(/private/);
    expect(await fault('https://localhost/', resolveBySystem)).toMatch(/private/);
    expect(await fault('https://localhost./', resolveBySystem)).toMatch(/private|cannot be resolved/);
  });

  test('whose name has no address, or cannot be resolved, is refused', async () => {
    expect(await fault('https://empty.example.com/', resolvesTo())).toMatch(/no address/);
    expect(
      await fault('https://none.example.com/', () => Promise.reject(new Error('ENOTFOUND 10.0.0.2'))),
    ).toBe('Its name cannot be resolved.');
  });

  test('may be private and plain where that is allowed, and still carries no password', async () => {
    const open = (url: string) => targetFault(url, { privateTargets: 'allow', resolve: resolveBySystem });
    expect(await open('http://127.0.0.1:9/')).toBeNull();
    expect(await open('http://localhost:9/')).toBeNull();
    expect(await open('http://a:b@localhost:9/')).toMatch(/password/);
    expect(await open('gopher://localhost:9/')).toMatch(/https/);
  });
});
