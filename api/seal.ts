// Seals a contract: its SHA-256 over the canonical text, taken before any data. Whoever holds the contract can
// compute it again.

import { createHash } from 'node:crypto';
import { canonical } from '../domain/canonical.ts';
import type { Contract, SealedContract } from '../domain/thesis.ts';

export function sealed(contract: Contract): SealedContract {
  return { ...contract, hash: createHash('sha256').update(canonical(contract)).digest('hex') };
}
