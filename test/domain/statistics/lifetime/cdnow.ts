// The CDNOW tables as the models take them; see test/fixtures/cdnow.md for their source and licence.
import type { SpendCell } from '../../../../domain/statistics/lifetime/gamma-gamma.ts';
import type { PurchaseCell } from '../../../../domain/statistics/lifetime/purchase-history.ts';
import cdnow from '../../../fixtures/cdnow.json' with { type: 'json' };

export const cdnowPurchases: readonly PurchaseCell[] = cdnow.purchases.map(
  ([repeats = 0, recency = 0, age = 0, customers = 0]) => ({ repeats, recency, age, customers }),
);

export const cdnowSpend: readonly SpendCell[] = cdnow.spend.map(
  ([orders = 0, meanValue = 0, customers = 0]) => ({ orders, meanValue, customers }),
);
