// The one home of roles and of what a member is. What each role may call is stated beside each route, never here.

export const ROLES = {
  growth_lead: 'Launches theses, sends their evidence and follows them.',
  committee_member: 'Decides gates from a seat on a committee.',
  finance: 'Reads the unit economics of every thesis.',
  auditor: 'Reads everything and changes nothing.',
  admin: 'Manages members, keys, committees, playbooks and connections.',
} as const satisfies Record<string, string>;

export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as Role[];

/** A person or a system that may call the API. */
export interface Member {
  /** A slug, chosen once: `claire-martin`. */
  readonly memberId: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text);
}
