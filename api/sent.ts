// Who sends a command, and the id under which sending it again changes nothing.

import { isAdmin } from './access.ts';
import type { ApiContext } from './context.ts';
import type { SentBy } from './theses-port.ts';

export function sentBy(c: ApiContext): SentBy {
  const { member, reservedId, repeated } = c.var;
  return { by: member.memberId, admin: isAdmin(member), commandId: reservedId, repeated };
}
