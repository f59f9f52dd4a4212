import { valueAt } from '@mcpclient/core/define'

/** The group of all contacts. */
const MY_CONTACTS = 'contactGroups/myContacts'

/** Returns the resource names of the groups in the memberships of a contact. Others are memberships of a domain. */
export const groupsOf = (memberships: unknown): unknown =>
  Array.isArray(memberships)
    ? memberships
        .map((each: unknown) => valueAt(each, 'contactGroupMembership.contactGroupResourceName'))
        .filter((name) => name !== undefined)
    : memberships

/** Returns the memberships of a contact in these groups. A contact belongs to at least one: if there is none, to that of all contacts. */
export const membershipsOf = (groups: readonly string[]): readonly object[] =>
  (groups.length === 0 ? [MY_CONTACTS] : groups).map((contactGroupResourceName) => ({
    contactGroupMembership: { contactGroupResourceName },
  }))
