/** Names that a client proved to own by its certificate. */

/**
 * Entries of its subject alternative names, such as `DNS:agent.acme.example` or `URI:spiffe://acme/agent`. Node quotes a
 * name that holds a comma or a quote; such a list names nobody.
 */
export const namesOf = (subjectAltName: string | undefined): readonly string[] =>
  subjectAltName === undefined || subjectAltName.includes('"') ? [] : subjectAltName.split(', ')
