/** Whether records of the audit log hang together: each names the code of the one before it in its business. */
import type { AuditRow } from '@/api/types';

type Link = Pick<AuditRow, 'business_id' | 'seq' | 'hash' | 'prev_hash'>;

export interface Chain {
  /** Neighbouring records that were compared. */
  compared: number;
  /** The places after which the chain does not go on as it should. */
  broken: number[];
}

/**
 * Compares neighbours only: records between which a filter left some out are not compared. That nothing was cut off at
 * the end, and that the codes are right, is for the server's own check to say.
 */
export function chainOf(rows: readonly Link[]): Chain {
  const chain: Chain = { compared: 0, broken: [] };
  const sorted = [...rows].sort((a, b) => a.business_id - b.business_id || a.seq - b.seq);
  sorted.forEach((row, at) => {
    const before = sorted[at - 1];
    if (!before || before.business_id !== row.business_id || before.seq !== row.seq - 1) return;
    chain.compared += 1;
    if (row.prev_hash !== before.hash) chain.broken.push(before.seq);
  });
  return chain;
}
