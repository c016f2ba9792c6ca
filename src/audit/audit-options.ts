export interface AuditOptions {
  /** Keep from which address, with which `User-Agent` and in which request something was done. Default true. */
  readonly recordAddresses?: boolean;
  /** For how many days rows of the audit trail are kept; 0: for ever. Default 400. */
  readonly auditDays?: number;
}
