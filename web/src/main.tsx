import './styles/app.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Direction } from 'radix-ui';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useTranslation } from 'react-i18next';
import { queryClient } from './api/queries';
import { Toasts } from './components/ui/toast';
import { TooltipProvider } from './components/ui/tooltip';
import { startLanguage, storedLanguage } from './i18n/i18n';
import { makeRouter } from './router';
import { followDevice } from './shell/theme';

const router = makeRouter();

function App() {
  const { i18n } = useTranslation();
  return (
    <Direction.Provider dir={i18n.dir()}>
      <TooltipProvider>
        <RouterProvider router={router} />
        <Toasts />
      </TooltipProvider>
    </Direction.Provider>
  );
}

followDevice();
void startLanguage(storedLanguage()).then(() => {
  const root = document.getElementById('root');
  if (!root) throw new Error('index.html has no #root');
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
});
