// Writes `.env.example` from what the keys say of themselves.

import type { z } from 'zod';

/** Every key with its meaning and its default, all commented out. */
export function exampleOf(keys: Readonly<Record<string, z.ZodType>>): string {
  const head =
    '# Made from config.ts by `node config.ts --example`. Every key is optional unless it says otherwise.';
  const entries = Object.entries(keys).map(([key, schema]) => {
    const { description = '', example } = schema.meta() ?? {};
    const value = example ?? schema.safeParse(undefined).data ?? '';
    return `${wrap(description)}\n#${key}=${value}`;
  });
  return `${[head, ...entries].join('\n\n')}\n`;
}

function wrap(text: string, width = 100): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const line = `${lines[last]} ${word}`;
    if (line.length < width) lines[last] = line;
    else lines.push(` ${word}`);
  }
  return lines.map((line) => `#${line}`).join('\n');
}
