import { useTranslation } from 'react-i18next';
import type { Task } from '@/api/types';
import { Count } from '@/components/ui/badge';
import type { View } from './views';

/** A view with how much is in it. */
export function ViewName({ view, of }: { view: View; of: Record<View, Task[]> | undefined }) {
  const { t } = useTranslation();
  const count = view === 'done' ? 0 : (of?.[view].length ?? 0);
  return (
    <>
      {t(`tasks.view.${view}`)}
      {count > 0 && <Count>{count}</Count>}
    </>
  );
}
