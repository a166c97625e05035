/** The query client, with the rules that hold for every query. */
import { QueryClient } from '@tanstack/react-query';
import { isProblem } from './problem';

const ATTEMPTS = 3;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      // What the server refused stays refused; only trouble on the way is tried again.
      retry: (failures, error) =>
        failures < ATTEMPTS - 1 && (!isProblem(error) || error.status === 0 || error.status >= 502),
    },
  },
});
