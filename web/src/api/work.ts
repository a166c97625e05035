import type { Bulk } from './types';

/** Whether work that runs on the server by itself (an import, a change of many) has come to its end. */
export function isOver({ status }: Pick<Bulk, 'status'>): boolean {
  return status === 'done' || status === 'failed' || status === 'undone';
}
