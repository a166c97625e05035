/** Opens a page of the real router, in Hebrew. */
import { QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { resumeSession } from '@/api/over';
import { queryClient } from '@/api/queries';
import { Toasts } from '@/components/ui/toast';
import { TooltipProvider } from '@/components/ui/tooltip';
import { startLanguage } from '@/i18n/i18n';
import { makeRouter } from '@/router';

export async function openPage(path: string) {
  await startLanguage('he');
  queryClient.clear();
  resumeSession();
  queryClient.setDefaultOptions({ queries: { retry: false } });
  const router = makeRouter(createMemoryHistory({ initialEntries: [path] }));
  const view = render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RouterProvider router={router} />
        <Toasts />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return { ...view, router, user: userEvent.setup() };
}
