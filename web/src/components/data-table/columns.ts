import type { ReactNode } from 'react';

export interface Column<T> {
  id: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** The field that the server sorts by. */
  sort?: string;
  /** CSS width; columns without one share what is left. */
  width?: string;
  /** Left out in windows narrower than this. */
  from?: 'lg' | 'xl' | '2xl';
  /** Cannot be switched off. */
  fixed?: boolean;
  /** Shown only to those who chose it. */
  optional?: boolean;
}
