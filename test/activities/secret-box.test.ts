// What is sealed opens only unchanged and under its own key, and a new key takes over without losing the old secrets.
import { expect, test } from 'vitest';
import { createSecretBox, newSecretKey, SecretUnreadable } from '../../activities/secret-box.ts';

test('opens what it sealed, and never seals alike', () => {
  const box = createSecretBox(newSecretKey());
  const sealed = box.seal('pâssword');
  expect(box.open(sealed)).toBe('pâssword');
  expect(box.open(box.seal(''))).toBe('');
  expect(box.seal('pâssword').equals(sealed)).toBe(false);
  expect(sealed.includes('pâssword')).toBe(false);
});

test('every changed byte is noticed', () => {
  const box = createSecretBox(newSecretKey());
  const sealed = box.seal('hunter2');
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(sealed.readUInt8(at) ^ 1, at);
    expect(() => box.open(changed)).toThrow(SecretUnreadable);
  }
  expect(() => box.open(sealed.subarray(0, 20))).toThrow(SecretUnreadable);
});

test('a new key seals, old keys still open, and a key that is gone is named', () => {
  const [old, fresh] = [newSecretKey(), newSecretKey()];
  const sealed = createSecretBox(old).seal('hunter2');
  const both = createSecretBox(`${fresh}, ${old}`);
  expect(both.open(sealed)).toBe('hunter2');
  expect(createSecretBox(fresh).open(both.seal('hunter2'))).toBe('hunter2');
  expect(() => createSecretBox(fresh).open(sealed)).toThrow(
    /^sealed under key [0-9a-f]{16}, which is not here$/,
  );
});

test.each(['', 'short', Buffer.alloc(31).toString('base64'), `${Buffer.alloc(32).toString('base64')}=`])(
  'the key %j is refused without being repeated',
  (key) => {
    expect(() => createSecretBox(key)).toThrow(new RangeError('a secret key is 32 bytes in base64'));
  },
);
